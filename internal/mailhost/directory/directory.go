// Package directory knows the people: local domains, accounts, their
// addresses and passwords.
//
// Names are compared without case, after Unicode normalisation (NFC) and
// IDNA. Passwords are kept as argon2id hashes (RFC 9106) only; a wrong
// password and an unknown name take the same time. The package never logs,
// counts or bans anybody (that is login's and guard's), and never gives an
// account's number out twice: a new account with an old name has nothing of
// the old one.
//
// RFC 5321 §4.1.2 and RFC 6531 (addresses), RFC 5890 (domain names).
package directory

import (
	"context"
	"errors"
	"io"
	"time"

	"postern/internal/mailhost/store"
	"postern/internal/secret"
)

// What can be wrong. Ask with errors.Is. ErrBusy is temporary; so are the
// store's ErrBusy and ErrStopped.
var (
	ErrWrongLogin    = errors.New("wrong name or password")
	ErrBusy          = errors.New("too many logins wait for their turn")
	ErrNotLocal      = errors.New("not a local domain")
	ErrNoSuchUser    = errors.New("no such user here")
	ErrNoDomain      = errors.New("no such domain")
	ErrDomainExists  = errors.New("the domain exists")
	ErrDomainInUse   = errors.New("the domain has accounts")
	ErrAccountExists = errors.New("the address is taken")
	ErrBadAddress    = errors.New("not a possible address")
	ErrBadDomain     = errors.New("not a possible domain name")
	ErrBadPassword   = errors.New("not a possible password")
)

// An Account is a person who can log in.
type Account struct {
	ID      store.AccountID
	Address string // as it was normalised
	Created time.Time
}

// A Recipient is where mail for an address goes.
type Recipient struct {
	Address string // as it was normalised
	Account store.AccountID
	Inbox   store.MailboxID
}

// A Domain is a local domain.
type Domain struct {
	Name     string // A-labels, lower case
	Accounts int
	Created  time.Time
}

// A Directory looks people up in a store.
type Directory struct{}

var errNotYet = errors.New("directory: not yet")

// New returns the directory of s. rand gives salts and the key under which
// verified passwords are remembered; nil is crypto/rand.
func New(s *store.Store, rand io.Reader) (*Directory, error) { return nil, errNotYet }

// Authenticate returns the account whose address is name and whose password
// is password, or ErrWrongLogin, or ErrBusy.
func (d *Directory) Authenticate(ctx context.Context, name string, password secret.Secret) (Account, error) {
	return Account{}, errNotYet
}

// Resolve finds who gets mail for an address: ErrNotLocal when the domain is
// not ours, ErrNoSuchUser when it is and has no such address, ErrBadAddress
// when it cannot be an address.
func (d *Directory) Resolve(ctx context.Context, address string) (Recipient, error) {
	return Recipient{}, errNotYet
}

// Owns reports whether an address is the account's own, or an alias of it.
func (d *Directory) Owns(ctx context.Context, account store.AccountID, address string) (bool, error) {
	return false, errNotYet
}

// Local reports whether a domain is ours.
func (d *Directory) Local(ctx context.Context, domain string) (bool, error) {
	return false, errNotYet
}

// AddDomain adds a local domain.
func (d *Directory) AddDomain(ctx context.Context, name string) error { return errNotYet }

// RemoveDomain removes a domain that has no accounts.
func (d *Directory) RemoveDomain(ctx context.Context, name string) error { return errNotYet }

// Domains lists the local domains by name.
func (d *Directory) Domains(ctx context.Context) ([]Domain, error) { return nil, errNotYet }

// AddAccount adds an account with its mailboxes INBOX, Drafts, Sent, Junk,
// Trash and Archive. The domain must be local.
func (d *Directory) AddAccount(ctx context.Context, address string, password secret.Secret) (Account, error) {
	return Account{}, errNotYet
}

// SetPassword gives an account another password.
func (d *Directory) SetPassword(ctx context.Context, address string, password secret.Secret) error {
	return errNotYet
}

// RemoveAccount removes an account, its addresses and all of its mail.
func (d *Directory) RemoveAccount(ctx context.Context, address string) error { return errNotYet }

// Accounts lists the accounts of a domain, or with "" all, by address.
func (d *Directory) Accounts(ctx context.Context, domain string) ([]Account, error) {
	return nil, errNotYet
}

// AddAlias lets mail for address go to the account whose own address is to.
func (d *Directory) AddAlias(ctx context.Context, address, to string) error { return errNotYet }

// RemoveAlias removes an alias.
func (d *Directory) RemoveAlias(ctx context.Context, address string) error { return errNotYet }
