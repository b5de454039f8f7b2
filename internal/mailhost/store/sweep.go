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
	tx      *Tx
	hub     *hub
	orphans []MessageID // may be in no mailbox any more
	dead    []int64     // segments that no message is in any more
	more    bool        // there is more to do
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
		w.orphans = append(w.orphans, id)
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

// messages removes the rows of messages that are in no mailbox any more.
func (w *sweeper) messages() error {
	segments := map[int64]bool{}
	for _, id := range w.orphans {
		var segment int64
		ok, err := w.tx.Get(`delete from message where id = $1
			and not exists (select 1 from placement where message = $1)
			and not exists (select 1 from expunged where message = $1) returning segment`, []any{id}, &segment)
		if err != nil {
			return err
		}
		if ok {
			segments[segment] = true
		}
	}
	for n := range segments {
		used, err := referenced(&w.tx.ReadTx, n)
		if err != nil {
			return err
		}
		if !used {
			w.dead = append(w.dead, n)
		}
	}
	return nil
}

// referenced reports whether any message is in a segment.
func referenced(tx *ReadTx, segment int64) (bool, error) {
	var one int
	return tx.Get("select 1 from message where segment = $1 limit 1", []any{segment}, &one)
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
	var unused []int64
	err = s.Read(ctx, func(tx *ReadTx) error {
		for _, n := range numbers {
			used, err := referenced(tx, n)
			if err != nil {
				return err
			}
			if !used {
				unused = append(unused, n)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, n := range unused {
		if err := s.pack.Remove(n); err != nil {
			return err
		}
		s.log.Info("removed a pack segment without messages", "segment", n)
	}
	return nil
}
