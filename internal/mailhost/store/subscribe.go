package store

import (
	"context"
	"fmt"
)

// Subscribe adds a name to the account's subscriptions, whether or not there
// is a mailbox, or takes it off them.
func (s *Store) Subscribe(ctx context.Context, account AccountID, name string, on bool) error {
	return s.edit(ctx, 1, func(tx *Tx) error { return tx.Subscribe(account, name, on) })
}

// Subscribe is what Store.Subscribe does, as part of an op.
func (tx *Tx) Subscribe(account AccountID, name string, on bool) error {
	name, err := canonical(name)
	if err != nil {
		return err
	}
	if !on {
		return tx.do("delete from subscription where account = $1 and name = $2", account, name)
	}
	var n int
	if _, err := tx.Get("select count(*) from subscription where account = $1", []any{account}, &n); err != nil {
		return err
	}
	if n >= MaxMailboxes {
		return fmt.Errorf("account %d has %d subscriptions: %w", account, n, ErrTooMany)
	}
	return tx.do("insert into subscription (account, name) values ($1, $2) on conflict do nothing", account, name)
}

// Subscriptions lists the names that the account is subscribed to, in order.
func (s *Store) Subscriptions(ctx context.Context, account AccountID) ([]string, error) {
	var names []string
	err := s.Read(ctx, func(tx *ReadTx) error {
		return tx.each("select name from subscription where account = $1 order by name", []any{account}, func(r Rows) error {
			var name string
			err := r.Scan(&name)
			names = append(names, name)
			return err
		})
	})
	return names, err
}
