package store

import (
	"context"
	"fmt"
	"slices"
)

// Copied says which messages became which (RFC 4315 §3): From[i] is now, also
// or only, To[i] in the mailbox.
type Copied struct {
	UIDValidity uint32
	From, To    []UID
}

// Copy puts those of the messages that are there into another mailbox of the
// same account, with flags, keywords and INTERNALDATE: all or, with an error,
// none.
func (s *Store) Copy(ctx context.Context, from MailboxID, uids []UID, to MailboxID) (Copied, error) {
	var done Copied
	err := s.edit(ctx, len(uids), func(tx *Tx) (err error) {
		done, err = tx.copy(from, sorted(uids), to)
		return err
	})
	return done, err
}

// Move is Copy and Expunge at once (RFC 6851): a message is never in both
// mailboxes nor in none.
func (s *Store) Move(ctx context.Context, from MailboxID, uids []UID, to MailboxID) (Copied, error) {
	var all Copied
	for part := range slices.Chunk(sorted(uids), slice) {
		var done Copied
		err := s.edit(ctx, len(part), func(tx *Tx) (err error) {
			done, err = tx.move(from, part, to)
			return err
		})
		if err != nil {
			return all, err
		}
		all = Copied{done.UIDValidity, append(all.From, done.From...), append(all.To, done.To...)}
	}
	return all, nil
}

func (tx *Tx) move(from MailboxID, uids []UID, to MailboxID) (Copied, error) {
	done, err := tx.copy(from, uids, to)
	if err != nil {
		return Copied{}, err
	}
	_, err = tx.expunge(from, done.From, false)
	return done, err
}

func (tx *Tx) copy(from MailboxID, uids []UID, to MailboxID) (Copied, error) {
	source, err := tx.ledger.mailbox(from)
	if err != nil {
		return Copied{}, err
	}
	dest, err := tx.ledger.mailbox(to)
	if err != nil {
		return Copied{}, err
	}
	if source.account != dest.account {
		return Copied{}, fmt.Errorf("mailbox %d is another account's: %w", to, ErrNoMailbox)
	}
	originals, err := tx.placements(from, uids)
	if err != nil {
		return Copied{}, err
	}
	done := Copied{UIDValidity: dest.uidvalidity}
	for _, p := range originals {
		flags, err := tx.translate(p.flags, source, dest)
		if err != nil {
			return Copied{}, err
		}
		if err := tx.refer(p.message); err != nil {
			return Copied{}, err
		}
		e, err := tx.place(dest, p.message, flags)
		if err != nil {
			return Copied{}, err
		}
		done.From = append(done.From, p.uid)
		done.To = append(done.To, e.UID)
	}
	return done, nil
}
