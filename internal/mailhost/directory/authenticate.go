package directory

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"postern/internal/mailhost/store"
	"postern/internal/secret"
)

// maxPassword is how many bytes a password can have.
const maxPassword = 1000

// Authenticate returns the account whose address is name and whose password
// is password, or ErrWrongLogin, or ErrBusy. The error for a name that nobody
// has is also ErrNoSuchUser, which is not for the client's eyes.
func (d *Directory) Authenticate(ctx context.Context, name string, password secret.Secret) (Account, error) {
	account, stored, err := d.login(ctx, name)
	unknown := errors.Is(err, ErrNoSuchUser)
	switch {
	case unknown:
		stored = d.decoy
	case err != nil:
		return Account{}, err
	case d.known.has(account.ID, stored, password):
		return account, nil
	}
	ok, err := d.verify(ctx, stored, password)
	switch {
	case err != nil:
		return Account{}, err
	case unknown:
		return Account{}, fmt.Errorf("%w: %w", ErrWrongLogin, ErrNoSuchUser)
	case !ok:
		return Account{}, ErrWrongLogin
	}
	d.known.add(account.ID, stored, password)
	return account, nil
}

// login finds the account of a name, with the hash of its password.
func (d *Directory) login(ctx context.Context, name string) (Account, string, error) {
	a, err := parseAddress(name)
	if err != nil {
		return Account{}, "", ErrNoSuchUser
	}
	account, stored := Account{Address: a.String()}, ""
	err = d.store.Read(ctx, func(tx *store.ReadTx) error {
		var created int64
		ok, err := tx.Get(`select a.account, l.password, c.created from address a
			join login l on l.account = a.account join account c on c.id = a.account
			where a.domain = $1 and a.local = $2 and a.own = 1`,
			[]any{a.domain, a.local}, &account.ID, &stored, &created)
		if err == nil && !ok {
			err = ErrNoSuchUser
		}
		account.Created = fromMicros(created)
		return err
	})
	return account, stored, err
}

// verify computes the hash of a password when it is its turn.
func (d *Directory) verify(ctx context.Context, stored string, password secret.Secret) (bool, error) {
	if err := d.turns.take(ctx); err != nil {
		return false, err
	}
	defer d.turns.give()
	text := password.Reveal()
	if len(text) > maxPassword {
		text = text[:maxPassword] + "…" // longer than any that was ever accepted
	}
	return verifyPassword(stored, text)
}

// turns lets one computation run per core, each of 19 MiB, and some wait.
type turns struct {
	running chan struct{}
	waiting chan struct{}
}

// maxWaiting is how many logins wait for their turn, per core.
const maxWaiting = 64

func newTurns() turns {
	n := runtime.GOMAXPROCS(0)
	return turns{running: make(chan struct{}, n), waiting: make(chan struct{}, n*maxWaiting)}
}

func (t turns) take(ctx context.Context) error {
	select {
	case t.waiting <- struct{}{}:
	default:
		return ErrBusy
	}
	defer func() { <-t.waiting }()
	select {
	case t.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turns) give() { <-t.running }

// known remembers which password was right, as an HMAC under a key that dies
// with the process. It covers the stored hash, which has a new salt whenever
// the password is set: what was remembered before is then of no use.
type known struct {
	key  [32]byte
	mu   sync.Mutex
	macs map[store.AccountID][sha256.Size]byte
}

// maxKnown is how many accounts are remembered.
const maxKnown = 100_000

func (k *known) mac(id store.AccountID, stored string, password secret.Secret) (sum [sha256.Size]byte) {
	m := hmac.New(sha256.New, k.key[:])
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(id)))
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(len(stored))))
	m.Write([]byte(stored))
	m.Write([]byte(password.Reveal()))
	m.Sum(sum[:0])
	return sum
}

func (k *known) has(id store.AccountID, stored string, password secret.Secret) bool {
	sum := k.mac(id, stored, password)
	k.mu.Lock()
	defer k.mu.Unlock()
	have, ok := k.macs[id]
	return ok && hmac.Equal(have[:], sum[:])
}

func (k *known) add(id store.AccountID, stored string, password secret.Secret) {
	sum := k.mac(id, stored, password)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.macs == nil || len(k.macs) >= maxKnown {
		k.macs = map[store.AccountID][sha256.Size]byte{}
	}
	k.macs[id] = sum
}
