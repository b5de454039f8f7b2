package directory

import (
	"context"
	"fmt"
	"time"

	"postern/internal/mailhost/store"
	"postern/internal/secret"
)

// An Account is a person who can log in.
type Account struct {
	ID      store.AccountID
	Address string // as it was normalised
	Created time.Time
}

// mailboxes are what every account has from the start.
var mailboxes = []struct {
	name string
	use  store.SpecialUse
}{
	{store.Inbox, ""},
	{"Drafts", store.Drafts},
	{"Sent", store.Sent},
	{"Junk", store.Junk},
	{"Trash", store.Trash},
	{"Archive", store.Archive},
}

// AddAccount adds an account with its mailboxes INBOX, Drafts, Sent, Junk,
// Trash and Archive, all subscribed. The domain must be local.
func (d *Directory) AddAccount(ctx context.Context, text string, password secret.Secret) (Account, error) {
	a, err := parseAddress(text)
	if err != nil {
		return Account{}, err
	}
	stored, err := d.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	account := Account{Address: a.String(), Created: time.Now()}
	err = d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) (err error) {
		if account.ID, err = tx.NewAccount(); err != nil {
			return err
		}
		if err := insertAddress(tx, a, account.ID, 1); err != nil {
			return err
		}
		for _, m := range mailboxes {
			if _, err := tx.CreateMailbox(account.ID, m.name, m.use); err != nil {
				return err
			}
			if err := tx.Subscribe(account.ID, m.name, true); err != nil {
				return err
			}
		}
		_, err = tx.Exec("insert into login (account, password, changed) values ($1, $2, $3)",
			account.ID, stored, time.Now().UnixMicro())
		return err
	})
	if err != nil {
		return Account{}, err
	}
	return account, nil
}

// insertAddress gives an address to an account; own is as in the row.
func insertAddress(tx *store.Tx, a address, account store.AccountID, own int) error {
	local, err := hasDomain(&tx.ReadTx, a.domain)
	if err != nil {
		return err
	}
	if !local {
		return fmt.Errorf("%s; add the domain first: %w", a, ErrNotLocal)
	}
	n, err := tx.Exec("insert into address (domain, local, account, own) values ($1, $2, $3, $4) on conflict do nothing",
		a.domain, a.local, account, own)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: %w", a, ErrAccountExists)
	}
	return err
}

// hash computes the hash of a new password.
func (d *Directory) hash(ctx context.Context, password secret.Secret) (string, error) {
	text := password.Reveal()
	if text == "" || len(text) > maxPassword {
		return "", fmt.Errorf("%w: it must have 1 to %d bytes", ErrBadPassword, maxPassword)
	}
	if err := d.turns.take(ctx); err != nil {
		return "", err
	}
	defer d.turns.give()
	return hashPassword(text, d.rand)
}

// SetPassword gives an account another password.
func (d *Directory) SetPassword(ctx context.Context, text string, password secret.Secret) error {
	a, err := parseAddress(text)
	if err != nil {
		return err
	}
	stored, err := d.hash(ctx, password)
	if err != nil {
		return err
	}
	return d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		id, err := owner(tx, a)
		if err != nil {
			return err
		}
		_, err = tx.Exec("update login set password = $1, changed = $2 where account = $3", stored, time.Now().UnixMicro(), id)
		return err
	})
}

// owner returns the account whose own address is a.
func owner(tx *store.Tx, a address) (store.AccountID, error) {
	id, own, err := find(&tx.ReadTx, a)
	if err == nil && !own {
		err = fmt.Errorf("%s: %w", a, ErrNoSuchUser)
	}
	return id, err
}

// RemoveAccount removes an account, its addresses and all of its mail. When it
// returns, nobody can log in or get at the mail any more; the bytes follow in
// the background, also after a restart.
func (d *Directory) RemoveAccount(ctx context.Context, text string) error {
	a, err := parseAddress(text)
	if err != nil {
		return err
	}
	err = d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		id, err := owner(tx, a)
		if err != nil {
			return err
		}
		for _, statement := range []string{
			"delete from address where account = $1",
			"delete from login where account = $1",
		} {
			if _, err := tx.Exec(statement, id); err != nil {
				return err
			}
		}
		return tx.RemoveAccount(id)
	})
	if err == nil {
		d.store.SweepSoon()
	}
	return err
}

// Accounts lists the accounts of a domain, or with "" all, by address.
func (d *Directory) Accounts(ctx context.Context, domain string) ([]Account, error) {
	if domain != "" {
		name, err := normalDomain(domain)
		if err != nil {
			return nil, err
		}
		domain = name
	}
	var all []Account
	err := d.store.Read(ctx, func(tx *store.ReadTx) error {
		rows, err := tx.Query(`select a.account, a.local, a.domain, c.created from address a join account c on c.id = a.account
			where a.own = 1 and ($1 = '' or a.domain = $1) order by a.domain, a.local`, domain)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one Account
			var a address
			var created int64
			if err := rows.Scan(&one.ID, &a.local, &a.domain, &created); err != nil {
				return err
			}
			one.Address, one.Created = a.String(), fromMicros(created)
			all = append(all, one)
		}
		return rows.Err()
	})
	return all, err
}

// AddAlias lets mail for an address go to the account whose own address is to.
func (d *Directory) AddAlias(ctx context.Context, alias, to string) error {
	a, err := parseAddress(alias)
	if err != nil {
		return err
	}
	target, err := parseAddress(to)
	if err != nil {
		return err
	}
	return d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		id, err := owner(tx, target)
		if err != nil {
			return err
		}
		return insertAddress(tx, a, id, 0)
	})
}

// RemoveAlias removes an alias.
func (d *Directory) RemoveAlias(ctx context.Context, alias string) error {
	a, err := parseAddress(alias)
	if err != nil {
		return err
	}
	return d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec("delete from address where domain = $1 and local = $2 and own = 0", a.domain, a.local)
		if err == nil && n == 0 {
			err = fmt.Errorf("%s: %w", a, ErrNoSuchUser)
		}
		return err
	})
}
