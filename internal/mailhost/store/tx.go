package store

import "context"

// An Op is a change of rows. It runs in the writer, together with others in
// one transaction, and may be run again in another one after somebody else's
// failure: it must keep nothing from a run before. It must not wait.
type Op func(tx *Tx) error

// Apply has the writer run op and returns when it is durable, or with op's
// error when nothing of it was done.
func (s *Store) Apply(ctx context.Context, lane Lane, op Op) error { return errNotYet }

// Read runs f on a consistent state of the rows. It sees all that was
// acknowledged before. f must not wait.
func (s *Store) Read(ctx context.Context, f func(tx *ReadTx) error) error { return errNotYet }

// A ReadTx reads rows.
type ReadTx struct{}

// Rows iterates over the result of a query.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Query runs a query ($1, $2, … are its arguments). The Rows must be closed.
func (tx *ReadTx) Query(query string, args ...any) (Rows, error) { return nil, errNotYet }

// Get runs a query for one row and scans it. ok is false where there is none.
func (tx *ReadTx) Get(query string, args []any, dest ...any) (ok bool, err error) {
	return false, errNotYet
}

// A Tx reads and writes rows.
type Tx struct{ ReadTx }

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) { return 0, errNotYet }
