package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A Lane is the queue that an op waits in. The writer takes interactive ops
// before bulk ones.
type Lane int

// The lanes.
const (
	Interactive Lane = iota // a person's program waits: IMAP, POP3, submission
	Bulk                    // mail from other servers, upkeep
	lanes
)

// What one batch, and what one lane, may hold.
const (
	batchOps   = 256
	batchBytes = 4 << 20
	laneOps    = 4096
	laneBytes  = 64 << 20
)

// An op is a change that waits for the writer.
type op struct {
	run    Op
	body   *Body // whose bytes are still to be appended to the pack; may be nil
	bytes  int64 // what it weighs in a batch
	queued time.Time
	state  atomic.Int32 // waiting, taken or withdrawn
	done   chan error   // gets the outcome, once; nil where nobody waits
	then   func(error)  // is told the outcome; may be nil
}

const (
	waiting = iota
	taken
	withdrawn
)

// A queue holds the ops of both lanes.
type queue struct {
	mu     sync.Mutex
	more   sync.Cond
	lanes  [lanes][]*op
	bytes  [lanes]int64
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.more.L = &q.mu
	return q
}

// put adds an op to a lane, or says why not.
func (q *queue) put(lane Lane, o *op) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrStopped
	case len(q.lanes[lane]) >= laneOps || q.bytes[lane] > 0 && q.bytes[lane]+o.bytes > laneBytes:
		return ErrBusy
	}
	o.queued = time.Now()
	q.lanes[lane] = append(q.lanes[lane], o)
	q.bytes[lane] += o.bytes
	q.more.Signal()
	return nil
}

// take waits for an op and returns it with all others that wait by then, as
// far as they fit into one batch. It returns nil when the queue is closed and
// empty.
func (q *queue) take() []*op {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if batch := q.drain(); batch != nil {
			return batch
		}
		if q.closed {
			return nil
		}
		q.more.Wait()
	}
}

func (q *queue) drain() (batch []*op) {
	bytes := int64(0)
	for lane := range q.lanes {
		n := 0
		for _, o := range q.lanes[lane] {
			if len(batch) == batchOps || len(batch) > 0 && bytes+o.bytes > batchBytes {
				break
			}
			n++
			q.bytes[lane] -= o.bytes
			if o.state.CompareAndSwap(waiting, taken) {
				batch = append(batch, o)
				bytes += o.bytes
			}
		}
		rest := copy(q.lanes[lane], q.lanes[lane][n:])
		clear(q.lanes[lane][rest:])
		q.lanes[lane] = q.lanes[lane][:rest]
	}
	return batch
}

// close lets nothing more in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.more.Signal()
}

// answer says what became of the op.
func (o *op) answer(err error) {
	if o.then != nil {
		o.then(err)
	}
	if o.done != nil {
		o.done <- err
	}
}

// await waits for the outcome of an op, at most as long as its turn may take
// to come. Once the writer has it there is no way back.
func (o *op) await(ctx context.Context, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var early error
	select {
	case err := <-o.done:
		return err
	case <-timer.C:
		early = ErrBusy
	case <-ctx.Done():
		early = ctx.Err()
	}
	if o.state.CompareAndSwap(waiting, withdrawn) {
		return early
	}
	return <-o.done
}
