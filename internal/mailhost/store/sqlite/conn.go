package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// A Conn is a connection that remembers its prepared statements: the texts of
// queries must be constants. Statements run to their end; they are short.
type Conn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (c *Conn) stmt(query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

// Exec runs a statement and returns how many rows it changed.
func (c *Conn) Exec(query string, args ...any) (int64, error) {
	s, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Script runs several statements that are needed once.
func (c *Conn) Script(text string) error {
	_, err := c.conn.ExecContext(context.Background(), text)
	return err
}

// Query runs a query. The same query must not be run again before the rows
// are closed.
func (c *Conn) Query(query string, args ...any) (*sql.Rows, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// Get runs a query for one row; ok is false where there is none.
func (c *Conn) Get(query string, args []any, dest ...any) (ok bool, err error) {
	s, err := c.stmt(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(context.Background(), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (c *Conn) close() error {
	var err error
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.conn.Close())
}
