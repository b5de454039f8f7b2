package store

import (
	"context"
	"errors"
	"sync"
)

// A hub knows the mailboxes that are open and lets all views of one share its
// snapshot.
type hub struct {
	s  *Store
	mu sync.Mutex
	// open has the mailboxes with at least one view, or one in the making.
	open map[MailboxID]*shared
	// claimed has the mailboxes whose \Recent messages were taken by views
	// since the row was last written.
	claimed map[MailboxID]UID
}

// A shared is what the views of an open mailbox have in common.
type shared struct {
	id    MailboxID
	users int           // of hub.mu
	ready chan struct{} // closed when it was loaded, or was not
	err   error         // why not; after ready

	mu       sync.Mutex
	snapshot *Snapshot
	keywords []string // the slice is replaced, never changed
	uidnext  UID
	recent   UID // messages from here on are nobody's \Recent yet
	saved    UID // recent as it was last given to the writer; of hub.mu
	gone     bool
	pending  []*change // what came before it was loaded
	loaded   bool
	views    map[*View]struct{}
}

func newHub(s *Store) *hub {
	return &hub{s: s, open: map[MailboxID]*shared{}, claimed: map[MailboxID]UID{}}
}

// join returns an open mailbox, opening it if nobody else has. leave must
// follow.
func (h *hub) join(ctx context.Context, id MailboxID) (*shared, error) {
	h.mu.Lock()
	sh := h.open[id]
	first := sh == nil
	if first {
		sh = &shared{id: id, ready: make(chan struct{}), snapshot: &Snapshot{}, views: map[*View]struct{}{}}
		h.open[id] = sh
	}
	sh.users++
	h.mu.Unlock()

	if first {
		// Others may wait for this, so it does not end with this session.
		sh.err = h.load(context.WithoutCancel(ctx), sh)
		close(sh.ready)
	}
	var err error
	select {
	case <-sh.ready:
		err = sh.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		h.leave(sh)
		return nil, err
	}
	return sh, nil
}

// leave ends one use of an open mailbox.
func (h *hub) leave(sh *shared) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sh.users--; sh.users == 0 {
		delete(h.open, sh.id)
	}
}

// get returns an open mailbox, or nil.
func (h *hub) get(id MailboxID) *shared {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open[id]
}

// load reads a mailbox and then applies what was published meanwhile.
func (h *hub) load(ctx context.Context, sh *shared) error {
	c, recent, err := h.since(ctx, sh.id, 0)
	if err != nil {
		return err
	}
	if c.gone {
		return ErrNoMailbox
	}
	recent = h.recent(sh.id, recent)

	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.loaded = true
	sh.recent, sh.saved = recent, recent
	sh.keywords, sh.uidnext = c.keywords, c.uidnext // also where no message was ever there
	sh.apply(c)
	for _, p := range sh.pending {
		sh.apply(p)
	}
	sh.pending = nil
	return nil
}

// publish tells the open mailboxes what was committed.
func (h *hub) publish(changes []*change) {
	for _, c := range changes {
		if sh := h.get(c.mailbox); sh != nil {
			sh.publish(c)
		}
	}
}

func (sh *shared) publish(c *change) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.loaded {
		sh.pending = append(sh.pending, c)
		return
	}
	if !sh.apply(c) {
		return
	}
	for v := range sh.views {
		if v.notify != nil {
			v.notify()
		}
	}
}

// apply advances the mailbox and reports whether c was news.
func (sh *shared) apply(c *change) bool {
	if c.modseq <= sh.snapshot.modseq {
		return false
	}
	sh.snapshot = sh.snapshot.apply(c)
	if c.keywords != nil {
		sh.keywords = c.keywords
	}
	sh.uidnext = max(sh.uidnext, c.uidnext)
	sh.gone = sh.gone || c.gone
	return true
}

// resync lets all open mailboxes catch up with the rows.
func (h *hub) resync() error {
	h.mu.Lock()
	var open []*shared
	for _, sh := range h.open {
		open = append(open, sh)
	}
	h.mu.Unlock()

	var errs []error
	for _, sh := range open {
		sh.mu.Lock()
		seen, loaded := sh.snapshot.modseq, sh.loaded
		sh.mu.Unlock()
		if !loaded {
			continue // it reads the rows as they are now
		}
		c, _, err := h.since(context.Background(), sh.id, seen)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sh.publish(c)
	}
	return errors.Join(errs...)
}

// since reads what happened to a mailbox after seen, and from which UID on
// messages are \Recent.
func (h *hub) since(ctx context.Context, id MailboxID, seen ModSeq) (c *change, recent UID, err error) {
	err = h.s.Read(ctx, func(tx *ReadTx) error {
		c, recent, err = changesSince(tx, id, seen)
		return err
	})
	return c, recent, err
}

func changesSince(tx *ReadTx, id MailboxID, seen ModSeq) (*change, UID, error) {
	c := &change{mailbox: id}
	var recent UID
	ok, err := tx.Get("select modseq, uidnext, recent from mailbox where id = $1", []any{id}, &c.modseq, &c.uidnext, &recent)
	if err != nil {
		return nil, 0, err
	}
	if !ok {
		c.gone, c.modseq = true, seen+1
		return c, 0, nil
	}
	if c.keywords, err = readKeywords(tx, id); err != nil {
		return nil, 0, err
	}
	err = tx.each("select uid, modseq, flags from placement where mailbox = $1 and modseq > $2 order by uid",
		[]any{id, seen}, func(r Rows) error {
			var e Entry
			var flags int64
			err := r.Scan(&e.UID, &e.ModSeq, &flags)
			e.Flags = Flags(flags)
			c.placed = append(c.placed, e)
			return err
		})
	if err != nil || seen == 0 {
		return c, recent, err
	}
	err = tx.each("select uid from expunged where mailbox = $1 and modseq > $2 order by uid",
		[]any{id, seen}, func(r Rows) error {
			var uid UID
			err := r.Scan(&uid)
			c.expunged = append(c.expunged, uid)
			return err
		})
	return c, recent, err
}

// readKeywords lists a mailbox's keywords; the list is never nil.
func readKeywords(tx *ReadTx, id MailboxID) ([]string, error) {
	names := []string{}
	err := tx.each("select name from keyword where mailbox = $1 order by position", []any{id}, func(r Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}
