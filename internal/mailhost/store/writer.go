package store

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"postern/internal/mailhost/store/pack"
	"postern/internal/mailhost/store/sqlite"
)

// The writer is the one goroutine that changes anything. It takes what waits
// and makes it durable at once:
//
//	append the small bodies to the pack, in one write, and fsync it;
//	meanwhile run the SQL of all ops
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
		w.commit(batch)
		w.tx.ledger.trim()
		runtime.Gosched() // who was just answered may have the next op at hand
	}
}

// commit makes a batch durable, and answers its ops.
func (w *writer) commit(batch []*op) {
	if err := w.ready(); err != nil {
		w.fail(batch, err)
		return
	}
	err := w.transact(batch)
	switch {
	case err == nil:
	case errors.Is(err, pack.ErrSync) || sqlite.Broken(err):
		w.breakDown(batch, err)
	case len(batch) == 1:
		w.rollback()
		w.fail(batch, err)
	default: // find out which op it was
		w.rollback()
		for i := range batch {
			w.commit(batch[i : i+1])
		}
	}
}

// transact does all that a batch that does not fail needs.
func (w *writer) transact(batch []*op) error {
	bodies, err := w.append(batch)
	if err != nil {
		return err
	}
	flushed := make(chan error, 1)
	go func() { flushed <- w.flush(bodies) }()
	err = w.execute(batch)
	if e := <-flushed; e != nil {
		return e
	}
	if err != nil {
		return err
	}
	return w.finish(batch)
}

// append gives the bodies that are in memory a place in the pack.
func (w *writer) append(batch []*op) (bodies []*Body, err error) {
	var bytes [][]byte
	for _, o := range batch {
		if o.body != nil && !o.body.stored {
			bodies = append(bodies, o.body)
			bytes = append(bytes, o.body.memory)
		}
	}
	if bodies == nil {
		return nil, nil
	}
	refs, err := w.s.pack.Append(bytes...)
	if err != nil {
		return nil, fmt.Errorf("store message bytes: %w", err)
	}
	for i, b := range bodies {
		b.ref = refs[i]
	}
	return bodies, nil
}

// flush makes bodies durable that were appended.
func (w *writer) flush(bodies []*Body) error {
	if bodies == nil {
		return nil
	}
	begin := time.Now()
	if err := w.s.pack.Flush(); err != nil {
		return fmt.Errorf("store message bytes: %w", err)
	}
	w.s.metrics.synced("pack", begin)
	for _, b := range bodies {
		b.stored = true
	}
	return nil
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
			o.body.kept = true
		}
	}
	w.s.hub.publish(w.tx.changes)
	w.tx.changes = nil
	for _, o := range ops {
		o.answer(nil)
	}
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
	w.fail(batch, fmt.Errorf("%w: %w", ErrStopped, err))
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

// fail tells the sessions that wait that their ops were not done. Bytes that
// are in the pack already are given up: nothing keeps them there.
func (w *writer) fail(ops []*op, err error) {
	if sqlite.Full(err) {
		err = fmt.Errorf("%w: %w", syscall.ENOSPC, err)
	}
	for _, o := range ops {
		if o.body != nil {
			o.body.stored = o.body.large != nil
		}
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
