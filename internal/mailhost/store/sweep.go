package store

import (
	"context"
	"errors"
	"time"

	"postern/internal/mailhost/store/pack"
)

// sweepEvery is how often the store looks for what nobody needs any more.
const sweepEvery = time.Hour

// sweepRows is how many rows one op of Sweep removes at most.
const sweepRows = 500

// upkeep sweeps at the start and then every hour, until the store closes.
func (s *Store) upkeep(ctx context.Context) {
	defer s.background.Done()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sweeping the mail store", "err", err)
		}
		select {
		case <-tick.C:
		case <-s.sweepNow:
		case <-ctx.Done():
			return
		}
	}
}

// SweepSoon has Sweep run in the background.
func (s *Store) SweepSoon() {
	select {
	case s.sweepNow <- struct{}{}:
	default: // it will, already
	}
}

// Sweep removes messages that were expunged, or whose mailbox was removed,
// longer ago than Options.Keep, and those segments in which nothing is left.
// A segment in which something is left stays as it is: its dead bytes are not
// won back.
func (s *Store) Sweep(ctx context.Context) error {
	for {
		var sw sweeper
		err := s.Apply(ctx, Bulk, func(tx *Tx) error {
			sw = sweeper{tx: tx, hub: s.hub}
			return sw.run()
		})
		if err != nil {
			return err
		}
		for _, n := range sw.dead {
			if err := s.pack.Remove(n); err != nil && !errors.Is(err, pack.ErrInUse) {
				return err
			}
		}
		if !sw.more {
			return nil
		}
	}
}

// A sweeper is one op of Sweep.
type sweeper struct {
	tx         *Tx
	hub        *hub
	unreferred []MessageID // to which one row less refers, once for each row
	dead       []int64     // segments that no message is in any more
	more       bool        // there is more to do
}

func (w *sweeper) run() error {
	for _, step := range []func() error{w.mailbox, w.expunged, w.messages} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// mailbox removes a part of what a removed mailbox had in it.
func (w *sweeper) mailbox() error {
	var id MailboxID
	ok, err := w.tx.Get("select mailbox from removed where until <= $1 order by mailbox limit 1", []any{w.tx.now}, &id)
	if err != nil || !ok {
		return err
	}
	w.more = true
	n, err := w.remove(`delete from placement where mailbox = $1 and uid in
		(select uid from placement where mailbox = $1 limit $2) returning message`, id, sweepRows)
	if err != nil || n > 0 {
		return err
	}
	for _, statement := range []string{
		"update expunged set until = 0 where mailbox = $1",
		"delete from keyword where mailbox = $1",
		"delete from removed where mailbox = $1",
	} {
		if err := w.tx.do(statement, id); err != nil {
			return err
		}
	}
	return nil
}

// remove runs a statement that returns message ids.
func (w *sweeper) remove(statement string, args ...any) (n int, err error) {
	err = w.tx.each(statement, args, func(r Rows) error {
		var id MessageID
		err := r.Scan(&id)
		w.unreferred = append(w.unreferred, id)
		n++
		return err
	})
	return n, err
}

// expunged forgets a part of what was expunged, but for what a view still
// shows.
func (w *sweeper) expunged() error {
	for _, id := range w.hub.behind() {
		if err := w.tx.do("update expunged set until = $1 where mailbox = $2 and until <= $3",
			w.tx.now+sweepEvery.Microseconds(), id, w.tx.now); err != nil {
			return err
		}
	}
	n, err := w.remove(`delete from expunged where (mailbox, modseq, uid) in
		(select mailbox, modseq, uid from expunged where until <= $1 limit $2) returning message`, w.tx.now, sweepRows)
	w.more = w.more || n == sweepRows
	return err
}

// messages removes the messages that nothing refers to any more.
func (w *sweeper) messages() error {
	for _, id := range w.unreferred {
		segment, err := w.tx.unrefer(id)
		if err != nil {
			return err
		}
		if segment == 0 {
			continue
		}
		left, err := w.tx.ledger.inSegment(segment, -1)
		if err != nil {
			return err
		}
		if left == 0 {
			w.dead = append(w.dead, segment)
		}
	}
	return nil
}

// behind lists the open mailboxes with a view that shows what is expunged.
func (h *hub) behind() []MailboxID {
	h.mu.Lock()
	defer h.mu.Unlock()
	var ids []MailboxID
	for id, sh := range h.open {
		if sh.behind() {
			ids = append(ids, id)
		}
	}
	return ids
}

func (sh *shared) behind() bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for v := range sh.views {
		if v.shown != sh.snapshot {
			return true
		}
	}
	return false
}

// removeUnused removes the segments that a process left behind in which no
// message is. It must run before anything is staged.
func (s *Store) removeUnused(ctx context.Context) error {
	numbers, err := s.pack.Segments()
	if err != nil {
		return err
	}
	used := map[int64]bool{}
	err = s.Read(ctx, func(tx *ReadTx) error {
		return tx.each("select id from segment", nil, func(r Rows) error {
			var n int64
			err := r.Scan(&n)
			used[n] = true
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if used[n] {
			continue
		}
		if err := s.pack.Remove(n); err != nil {
			return err
		}
		s.log.Info("removed a pack segment without messages", "segment", n)
	}
	return nil
}
