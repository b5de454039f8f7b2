package store

import "errors"

// saveRecent has the writer note which messages of a mailbox are no longer
// \Recent to those who come later. It does not wait: if the note is lost,
// messages are \Recent to one session more, which RFC 3501 §2.3.2 allows.
func (h *hub) saveRecent(sh *shared) {
	sh.mu.Lock()
	claimed := sh.recent
	sh.mu.Unlock()

	h.mu.Lock()
	defer h.mu.Unlock()
	if sh.saved == claimed {
		return
	}
	sh.saved = claimed
	h.claimed[sh.id] = claimed
	run := func(tx *Tx) error {
		mb, err := tx.ledger.mailbox(sh.id)
		if errors.Is(err, ErrNoMailbox) {
			return nil
		}
		if err != nil {
			return err
		}
		if mb.recent < claimed {
			mb.recent = claimed
			tx.ledger.touch(mb)
		}
		return nil
	}
	h.s.queue.put(Bulk, &op{run: run, bytes: opBytes, then: func(error) { h.forget(sh.id, claimed) }})
}

// forget drops what is in the row now.
func (h *hub) forget(id MailboxID, claimed UID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.claimed[id] == claimed {
		delete(h.claimed, id)
	}
}

// recent is the first UID of a mailbox that is nobody's \Recent, given what
// the row says.
func (h *hub) recent(id MailboxID, row UID) UID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(row, h.claimed[id])
}
