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
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"postern/internal/mailhost/store"
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
	ErrDomainInUse   = errors.New("the domain has accounts or aliases")
	ErrAccountExists = errors.New("the address is taken")
	ErrBadAddress    = errors.New("not a possible address")
	ErrBadDomain     = errors.New("not a possible domain name")
	ErrBadPassword   = errors.New("not a possible password")
)

// A Directory looks people up in a store. Its methods may be called from many
// goroutines.
type Directory struct {
	store *store.Store
	rand  io.Reader
	turns turns
	known known
	decoy string // the hash of a password that nobody has
}

// New returns the directory of s. rand gives salts and the key under which
// verified passwords are remembered; nil is crypto/rand. It must be safe to
// use from many goroutines.
func New(s *store.Store, random io.Reader) (*Directory, error) {
	if random == nil {
		random = rand.Reader
	}
	d := &Directory{store: s, rand: random, turns: newTurns()}
	if _, err := io.ReadFull(d.rand, d.known.key[:]); err != nil {
		return nil, fmt.Errorf("draw a key for the directory: %w", err)
	}
	decoy, err := hashPassword(string(d.known.key[:]), d.rand)
	if err != nil {
		return nil, fmt.Errorf("draw a salt for the directory: %w", err)
	}
	d.decoy = decoy
	return d, nil
}

// A Recipient is where mail for an address goes.
type Recipient struct {
	Address string // as it was normalised
	Account store.AccountID
	Inbox   store.MailboxID
}

// Resolve finds who gets mail for an address: ErrNotLocal when the domain is
// not ours, ErrNoSuchUser when it is and has no such address, ErrBadAddress
// when it cannot be an address.
func (d *Directory) Resolve(ctx context.Context, text string) (Recipient, error) {
	a, err := parseAddress(text)
	if errors.Is(err, ErrBadDomain) {
		return Recipient{}, fmt.Errorf("%s: %w", text, ErrNotLocal) // such as an address literal
	}
	if err != nil {
		return Recipient{}, err
	}
	r := Recipient{Address: a.String()}
	err = d.store.Read(ctx, func(tx *store.ReadTx) error {
		ok, err := tx.Get(`select a.account, m.id from address a join mailbox m on m.account = a.account and m.name = 'INBOX'
			where a.domain = $1 and a.local = $2`, []any{a.domain, a.local}, &r.Account, &r.Inbox)
		if err != nil || ok {
			return err
		}
		if ok, err = hasDomain(tx, a.domain); err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%s: %w", a, ErrNotLocal)
		}
		return fmt.Errorf("%s: %w", a, ErrNoSuchUser)
	})
	if err != nil {
		return Recipient{}, err
	}
	return r, nil
}

// Owns reports whether an address is the account's own, or an alias of it.
func (d *Directory) Owns(ctx context.Context, account store.AccountID, text string) (owns bool, err error) {
	a, err := parseAddress(text)
	if err != nil {
		return false, nil // nobody owns what is no address
	}
	err = d.store.Read(ctx, func(tx *store.ReadTx) error {
		id, _, err := find(tx, a)
		owns = id == account && id != 0
		return err
	})
	return owns, err
}

// find returns which account an address belongs to, 0 for none, and whether it
// is the account's own.
func find(tx *store.ReadTx, a address) (id store.AccountID, own bool, err error) {
	var n int
	_, err = tx.Get("select account, own from address where domain = $1 and local = $2", []any{a.domain, a.local}, &id, &n)
	return id, n == 1, err
}

func fromMicros(us int64) time.Time { return time.UnixMicro(us) }
