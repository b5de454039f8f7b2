// Package control is how commands reach the mail host: what they can ask for is
// the interface [Admin], with one implementation that works on an open data
// directory and one that talks to the server that has it open, over a socket in
// that directory.
//
// The socket is for the server's user and for root: mode 0600 and the peer's
// credentials both say so. It also serves /metrics, /healthz and /debug/pprof.
// It never shows a password and never listens on a network.
package control

import (
	"context"
	"time"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/guard"
	"postern/internal/secret"
)

// Admin is what the commands that manage a mail host can ask for.
type Admin interface {
	AddDomain(ctx context.Context, name string) error
	Domains(ctx context.Context) ([]Domain, error)
	RemoveDomain(ctx context.Context, name string) error

	AddAccount(ctx context.Context, address string, password secret.Secret) error
	Accounts(ctx context.Context, domain string) ([]Account, error)
	SetPassword(ctx context.Context, address string, password secret.Secret) error
	RemoveAccount(ctx context.Context, address string) error

	AddBan(ctx context.Context, ban guard.Ban) error
	Bans(ctx context.Context) ([]guard.Ban, error)
	RemoveBan(ctx context.Context, subject string) error

	Attempts(ctx context.Context, filter activity.Filter) ([]activity.Attempt, error)

	Close() error
}

// Domain is a local domain.
type Domain struct {
	Name     string    `json:"name"`
	Accounts int       `json:"accounts"`
	Created  time.Time `json:"created"`
}

// Account is a person who can log in.
type Account struct {
	Address string    `json:"address"`
	Created time.Time `json:"created"`
}

// Reloaded says what came of a reload.
type Reloaded struct {
	NeedsRestart []string `json:"needs_restart"` // keys that changed in the file and not in the server
}
