package store

import (
	"fmt"
	"time"

	"postern/internal/mailhost/store/sqlite"
)

// The writer is the one goroutine that changes anything. It takes what waits
// and makes it durable at once:
//
//	append the small bodies to the pack, in one write
//	fsync the pack, and meanwhile run the SQL of all ops
//	commit
//	publish the changes in order, then answer
//
// If an op fails, all is rolled back and every op runs alone, so that only
// the culprit fails. If the disk fails, nobody knows what is on it: all ops
// fail, and the writer reopens what it writes to before it takes more. It
// never repeats an fsync that has failed.
type writer struct {
	s    *Store
	tx   *Tx
	down error     // why there is nothing to write to, or nil
	next time.Time // when to try to reopen again
	end  chan struct{}
}

// retryAfter is how long the writer leaves a disk alone that could not be
// reopened.
const retryAfter = time.Second

func (w *writer) loop() {
	defer close(w.end)
	for {
		batch := w.s.queue.take()
		if batch == nil {
			return
		}
		w.s.metrics.taken(batch)
		if err := w.ready(); err != nil {
			answer(batch, err)
			continue
		}
		w.commit(batch)
		w.tx.ledger.trim()
	}
}

// commit makes a batch durable, and answers its ops.
func (w *writer) commit(batch []*op) {
	if err := w.append(batch); err != nil {
		answer(batch, fmt.Errorf("write message bytes: %w", err))
		return
	}
	synced := w.syncPack()
	err := w.execute(batch)
	if e := <-synced; e != nil {
		w.breakDown(batch, fmt.Errorf("fsync message bytes: %w", e))
		return
	}
	if err == nil {
		err = w.finish(batch)
	}
	switch {
	case err == nil:
	case sqlite.Broken(err):
		w.breakDown(batch, err)
	case len(batch) == 1:
		w.rollback()
		answer(batch, err)
	default:
		w.rollback()
		w.oneByOne(batch)
	}
}

// oneByOne finds out which op it was. The bodies are durable already.
func (w *writer) oneByOne(batch []*op) {
	for i, o := range batch {
		err := w.execute(batch[i : i+1])
		if err == nil {
			err = w.finish(batch[i : i+1])
		}
		if sqlite.Broken(err) {
			w.breakDown(batch[i:], err)
			return
		}
		if err != nil {
			w.rollback()
			answer([]*op{o}, err)
		}
	}
}

// append writes the bodies that are in memory to the pack.
func (w *writer) append(batch []*op) error {
	var bodies [][]byte
	var owners []*Body
	for _, o := range batch {
		if o.body != nil && !o.body.stored {
			bodies = append(bodies, o.body.memory)
			owners = append(owners, o.body)
		}
	}
	if bodies == nil {
		return nil
	}
	refs, err := w.s.pack.Append(bodies...)
	if err != nil {
		return err
	}
	for i, b := range owners {
		b.ref = refs[i]
	}
	return nil
}

// syncPack begins to make the pack durable and says on the channel when it is.
func (w *writer) syncPack() <-chan error {
	done := make(chan error, 1)
	go func() {
		begin := time.Now()
		done <- w.s.pack.Sync()
		w.s.metrics.synced("pack", begin)
	}()
	return done
}

// execute runs ops in a new transaction, up to just before the commit.
func (w *writer) execute(ops []*op) error {
	w.tx.now = micros(time.Now())
	if err := w.tx.do("begin immediate"); err != nil {
		return err
	}
	for _, o := range ops {
		w.tx.begin()
		if err := o.run(w.tx); err != nil {
			return err
		}
	}
	return w.tx.ledger.save()
}

// finish commits what execute did, publishes it and answers. An answer comes
// after the publishing, so that a session sees what it was told is done.
func (w *writer) finish(ops []*op) error {
	begin := time.Now()
	if err := w.tx.do("commit"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	w.s.metrics.synced("commit", begin)
	for _, o := range ops {
		if o.body != nil {
			o.body.stored, o.body.kept = true, true
		}
	}
	w.s.hub.publish(w.tx.changes)
	w.tx.changes = nil
	answer(ops, nil)
	return nil
}

func (w *writer) rollback() {
	w.tx.do("rollback") // fails where SQLite has done it already
	w.tx.changes = nil
	w.tx.ledger.forget()
}

// breakDown gives up on a batch whose outcome nobody knows.
func (w *writer) breakDown(batch []*op, err error) {
	w.s.log.Error("the mail store's disk failed; reopening it", "err", err)
	w.rollback()
	w.down = err
	for _, o := range batch {
		if o.body != nil {
			o.body.kept = true
		}
	}
	w.next = time.Now()
	w.ready()
	answer(batch, fmt.Errorf("%w: %w", ErrStopped, err))
}

// ready reopens what has failed, if anything has.
func (w *writer) ready() error {
	if w.down == nil {
		return nil
	}
	if !time.Now().Before(w.next) {
		w.next = time.Now().Add(retryAfter)
		if w.down = w.reopen(); w.down == nil {
			w.s.log.Info("the mail store's disk works again")
			return nil
		}
		w.s.log.Error("the mail store's disk cannot be reopened", "err", w.down)
	}
	return fmt.Errorf("%w: %w", ErrStopped, w.down)
}

// answer tells the sessions that wait what became of their ops.
func answer(ops []*op, err error) {
	for _, o := range ops {
		o.answer(err)
	}
}

// reopen closes the rows and opens them again, and lets open mailboxes catch
// up with what the commit that failed may have done.
func (w *writer) reopen() error {
	if err := w.s.reopenRows(); err != nil {
		return err
	}
	w.attach()
	return w.s.hub.resync()
}

// attach has the writer use the rows that are open now.
func (w *writer) attach() {
	c := w.s.db.Write()
	w.tx = &Tx{
		ReadTx:  ReadTx{c},
		ledger:  newLedger(c),
		modseqs: map[AccountID]ModSeq{},
		keep:    w.s.opt.Keep.Microseconds(),
	}
}
