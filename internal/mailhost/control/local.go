package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/store"
	"postern/internal/secret"
)

// Journal is where attempts are read; *journal.Journal is one.
type Journal interface {
	List(context.Context, activity.Filter) ([]activity.Attempt, error)
}

// Local is the Admin of an open data directory. Everything in it belongs to its
// maker, who closes it.
type Local struct {
	Store     *store.Store
	Directory *directory.Directory
	Guard     *guard.Guard
	Journal   Journal
	Flush     func() // has the journal brought up to now; may be nil
}

// AddDomain implements Admin.
func (l *Local) AddDomain(ctx context.Context, name string) error {
	return wayOn(name, l.Directory.AddDomain(ctx, name))
}

// Domains implements Admin.
func (l *Local) Domains(ctx context.Context) ([]Domain, error) {
	domains, err := l.Directory.Domains(ctx)
	all := make([]Domain, 0, len(domains))
	for _, d := range domains {
		all = append(all, Domain(d))
	}
	return all, err
}

// RemoveDomain implements Admin.
func (l *Local) RemoveDomain(ctx context.Context, name string) error {
	return wayOn(name, l.Directory.RemoveDomain(ctx, name))
}

// AddAccount implements Admin.
func (l *Local) AddAccount(ctx context.Context, address string, password secret.Secret) error {
	_, err := l.Directory.AddAccount(ctx, address, password)
	return wayOn(address, err)
}

// Accounts implements Admin.
func (l *Local) Accounts(ctx context.Context, domain string) ([]Account, error) {
	accounts, err := l.Directory.Accounts(ctx, domain)
	all := make([]Account, 0, len(accounts))
	for _, a := range accounts {
		all = append(all, Account{a.Address, a.Created})
	}
	return all, err
}

// SetPassword implements Admin.
func (l *Local) SetPassword(ctx context.Context, address string, password secret.Secret) error {
	return wayOn(address, l.Directory.SetPassword(ctx, address, password))
}

// RemoveAccount implements Admin.
func (l *Local) RemoveAccount(ctx context.Context, address string) error {
	return wayOn(address, l.Directory.RemoveAccount(ctx, address))
}

// AddBan implements Admin. The ban holds when it is kept.
func (l *Local) AddBan(ctx context.Context, ban guard.Ban) error {
	ban.Scope, ban.Since = guard.Connections, time.Now().UTC()
	if err := guard.KeepBan(ctx, l.Store, ban); err != nil {
		return err
	}
	l.Guard.AddBan(ban)
	return nil
}

// Bans implements Admin.
func (l *Local) Bans(context.Context) ([]guard.Ban, error) { return l.Guard.Bans(), nil }

// RemoveBan implements Admin.
func (l *Local) RemoveBan(ctx context.Context, subject string) error {
	if network, err := guard.ParseNetwork(subject); err == nil {
		if err := guard.ForgetBan(ctx, l.Store, network); err != nil {
			return err
		}
	}
	return l.Guard.RemoveBan(subject)
}

// Attempts implements Admin.
func (l *Local) Attempts(ctx context.Context, filter activity.Filter) ([]activity.Attempt, error) {
	if l.Flush != nil {
		l.Flush()
	}
	return l.Journal.List(ctx, filter)
}

// Close implements Admin; there is nothing that a Local owns.
func (l *Local) Close() error { return nil }

// wayOn adds to an error of the directory, which names who it is about, what can
// be done, where the command line knows more of that.
func wayOn(name string, err error) error {
	switch {
	case errors.Is(err, directory.ErrNotLocal):
		return fmt.Errorf("%s: %w; add it with `postern domain add`", name, directory.ErrNotLocal)
	case errors.Is(err, directory.ErrDomainInUse):
		return fmt.Errorf("%s: %w; remove them first, with `postern account remove`", name, directory.ErrDomainInUse)
	}
	return err
}
