package directory

import (
	"context"
	"fmt"
	"time"

	"postern/internal/mailhost/store"
)

// A Domain is a local domain.
type Domain struct {
	Name     string // A-labels, lower case
	Accounts int
	Created  time.Time
}

// Local reports whether a domain is ours.
func (d *Directory) Local(ctx context.Context, domain string) (local bool, err error) {
	name, err := normalDomain(domain)
	if err != nil {
		return false, nil // what is no domain is not ours
	}
	err = d.store.Read(ctx, func(tx *store.ReadTx) error {
		local, err = hasDomain(tx, name)
		return err
	})
	return local, err
}

func hasDomain(tx *store.ReadTx, name string) (bool, error) {
	var one int
	return tx.Get("select 1 from domain where name = $1", []any{name}, &one)
}

// AddDomain adds a local domain.
func (d *Directory) AddDomain(ctx context.Context, domain string) error {
	name, err := normalDomain(domain)
	if err != nil {
		return err
	}
	return d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec("insert into domain (name, created) values ($1, $2) on conflict do nothing",
			name, time.Now().UnixMicro())
		if err == nil && n == 0 {
			err = fmt.Errorf("%s: %w", name, ErrDomainExists)
		}
		return err
	})
}

// RemoveDomain removes a domain that has no addresses.
func (d *Directory) RemoveDomain(ctx context.Context, domain string) error {
	name, err := normalDomain(domain)
	if err != nil {
		return err
	}
	return d.store.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		var addresses int
		if _, err := tx.Get("select count(*) from address where domain = $1", []any{name}, &addresses); err != nil {
			return err
		}
		if addresses > 0 {
			return fmt.Errorf("%s has %d addresses; remove them first: %w", name, addresses, ErrDomainInUse)
		}
		n, err := tx.Exec("delete from domain where name = $1", name)
		if err == nil && n == 0 {
			err = fmt.Errorf("%s: %w", name, ErrNoDomain)
		}
		return err
	})
}

// Domains lists the local domains by name.
func (d *Directory) Domains(ctx context.Context) ([]Domain, error) {
	var all []Domain
	err := d.store.Read(ctx, func(tx *store.ReadTx) error {
		rows, err := tx.Query(`select name, created,
			(select count(*) from address a where a.domain = d.name and a.own = 1) from domain d order by name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one Domain
			var created int64
			if err := rows.Scan(&one.Name, &created, &one.Accounts); err != nil {
				return err
			}
			one.Created = fromMicros(created)
			all = append(all, one)
		}
		return rows.Err()
	})
	return all, err
}
