package store

import (
	"context"

	"postern/internal/mailhost/store/sqlite"
)

// An Op is a change of rows. It runs in the writer, together with others in
// one transaction, and may be run again in another one after somebody else's
// failure: it must keep nothing from a run before. It must not wait.
type Op func(tx *Tx) error

// Apply has the writer run op and returns when it is durable, or with op's
// error when nothing of it was done. The texts of its statements must be
// constants, and the tables of mailboxes and messages are changed through the
// Store's and the Tx's methods only.
func (s *Store) Apply(ctx context.Context, lane Lane, run Op) error {
	return s.submit(ctx, lane, &op{run: run, bytes: opBytes})
}

// opBytes is what an op without a body weighs.
const opBytes = 512

// Read runs f on a consistent state of the rows. It sees all that was
// acknowledged before. f must not wait, nor call the Store.
func (s *Store) Read(ctx context.Context, f func(tx *ReadTx) error) error {
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	if s.db == nil {
		return ErrStopped
	}
	return s.db.Read(ctx, func(c *sqlite.Conn) error { return f(&ReadTx{c}) })
}

// A ReadTx reads rows.
type ReadTx struct{ conn *sqlite.Conn }

// Rows iterates over the result of a query.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Query runs a query ($1, $2, … are its arguments). The Rows must be closed,
// and before the same query is run again.
func (tx *ReadTx) Query(query string, args ...any) (Rows, error) {
	return tx.conn.Query(query, args...)
}

// Get runs a query for one row and scans it. ok is false where there is none.
func (tx *ReadTx) Get(query string, args []any, dest ...any) (ok bool, err error) {
	return tx.conn.Get(query, args, dest...)
}

// each runs a query and calls scan for each of its rows.
func (tx *ReadTx) each(query string, args []any, scan func(Rows) error) error {
	rows, err := tx.conn.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A Tx reads and writes rows.
type Tx struct {
	ReadTx
	ledger  *ledger
	modseqs map[AccountID]ModSeq // what the op at hand has drawn
	changes []*change            // what all ops did to mailboxes, in order
	mark    int                  // where the changes of the op at hand begin
	now     int64                // when the batch began, in microseconds
	keep    int64                // how long what is expunged stays, in microseconds
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	return tx.conn.Exec(query, args...)
}

// do is Exec for those who need no number.
func (tx *Tx) do(query string, args ...any) error {
	_, err := tx.conn.Exec(query, args...)
	return err
}

// begin prepares tx for the next op.
func (tx *Tx) begin() {
	clear(tx.modseqs)
	tx.mark = len(tx.changes)
}

// modseq is the MODSEQ of what the op at hand does in an account: one for all.
func (tx *Tx) modseq(a *accountRow) ModSeq {
	m, ok := tx.modseqs[a.id]
	if !ok {
		a.modseq++
		m = a.modseq
		tx.modseqs[a.id] = m
	}
	return m
}

// change is where what the op at hand does to a mailbox is noted.
func (tx *Tx) change(mb *mailboxRow) *change {
	for _, c := range tx.changes[tx.mark:] {
		if c.mailbox == mb.id {
			return c
		}
	}
	mb.modseq = tx.modseq(mb.account)
	tx.ledger.touch(mb)
	c := &change{mailbox: mb.id, modseq: mb.modseq}
	tx.changes = append(tx.changes, c)
	return c
}
