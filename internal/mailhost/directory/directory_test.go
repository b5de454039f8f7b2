package directory

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"postern/internal/mailhost/store"
	"postern/internal/secret"
)

func open(t *testing.T) (*Directory, *store.Store) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := New(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddDomain(t.Context(), "example.com"); err != nil {
		t.Fatal(err)
	}
	return d, s
}

func add(t *testing.T, d *Directory, address, password string) Account {
	t.Helper()
	a, err := d.AddAccount(t.Context(), address, secret.New(password))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestNewAccountHasItsMailboxes(t *testing.T) {
	d, s := open(t)
	a := add(t, d, "alice@example.com", "pw")
	boxes, err := s.Mailboxes(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range boxes {
		got = append(got, strings.TrimSpace(m.Name+" "+string(m.SpecialUse)))
		if !m.Subscribed {
			t.Errorf("%s is not subscribed", m.Name)
		}
	}
	want := []string{"INBOX", `Archive \Archive`, `Drafts \Drafts`, `Junk \Junk`, `Sent \Sent`, `Trash \Trash`}
	if !slices.Equal(got, want) {
		t.Errorf("mailboxes are %q, want %q", got, want)
	}
}

func TestAuthenticate(t *testing.T) {
	d, _ := open(t)
	alice := add(t, d, "Alice@Example.COM", "right")
	add(t, d, "bob@example.com", "bob's")
	if err := d.AddAlias(t.Context(), "info@example.com", "alice@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, password string
		ok, unknown    bool
	}{
		{name: "alice@example.com", password: "right", ok: true},
		{name: "ALICE@EXAMPLE.COM", password: "right", ok: true},
		{name: "alice@example.com.", password: "right", ok: true},
		{name: "alice@example.com", password: "Right"},
		{name: "alice@example.com", password: "bob's"},
		{name: "bob@example.com", password: "right"},
		{name: "alice@example.com", password: ""},
		{name: "alice@example.com", password: strings.Repeat("x", 1<<20)},
		{name: "info@example.com", password: "right", unknown: true},
		{name: "carol@example.com", password: "right", unknown: true},
		{name: "alice@example.org", password: "right", unknown: true},
		{name: "alice", password: "right", unknown: true},
		{name: "", password: "", unknown: true},
		{name: "\x00@example.com", password: "right", unknown: true},
	} {
		// The second time a right password is remembered.
		for range 2 {
			a, err := d.Authenticate(t.Context(), c.name, secret.New(c.password))
			switch {
			case c.ok && (err != nil || a.ID != alice.ID || a.Address != "alice@example.com"):
				t.Errorf("%q with %.10q: %+v, %v", c.name, c.password, a, err)
			case !c.ok && !errors.Is(err, ErrWrongLogin):
				t.Errorf("%q with %.10q: %v, want ErrWrongLogin", c.name, c.password, err)
			case !c.ok && errors.Is(err, ErrNoSuchUser) != c.unknown:
				t.Errorf("%q with %.10q: %v, unknown should be %v", c.name, c.password, err, c.unknown)
			}
		}
	}
}

func TestChangedPasswordForgetsTheOld(t *testing.T) {
	d, _ := open(t)
	add(t, d, "alice@example.com", "old")
	login := func(password string) error {
		_, err := d.Authenticate(t.Context(), "alice@example.com", secret.New(password))
		return err
	}
	if err := login("old"); err != nil {
		t.Fatal(err)
	}
	if err := d.SetPassword(t.Context(), "alice@example.com", secret.New("new")); err != nil {
		t.Fatal(err)
	}
	if err := login("old"); !errors.Is(err, ErrWrongLogin) {
		t.Errorf("the old password: %v", err)
	}
	if err := login("new"); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// TestUnknownNameCostsWhatAWrongPasswordDoes: whether a name exists must not be
// heard from how long the answer takes. Both must wait for the turn of one
// computation, with the same parameters.
func TestUnknownNameCostsWhatAWrongPasswordDoes(t *testing.T) {
	d, _ := open(t)
	add(t, d, "alice@example.com", "right")
	_, stored, err := d.login(t.Context(), "alice@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := parameters(stored), parameters(d.decoy); a != b {
		t.Errorf("hashes are made with %s, the decoy with %s", a, b)
	}
	for range cap(d.turns.running) {
		if err := d.turns.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer d.turns.give()
	}
	for _, name := range []string{"alice@example.com", "nobody@example.com", "alice@example.org", "nonsense"} {
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan error, 1)
		go func() {
			_, err := d.Authenticate(ctx, name, secret.New("wrong"))
			answered <- err
		}()
		for len(d.turns.waiting) == 0 && len(answered) == 0 {
			runtime.Gosched()
		}
		cancel()
		if err := <-answered; !errors.Is(err, context.Canceled) {
			t.Errorf("%s was answered without a computation: %v", name, err)
		}
	}
}

// parameters is the part of a hash before its salt.
func parameters(hash string) string { return hash[:strings.LastIndex(hash[:len(hash)-50], "$")] }

func TestTooManyLoginsAreBusy(t *testing.T) {
	turns := turns{running: make(chan struct{}, 1), waiting: make(chan struct{}, 2)}
	if err := turns.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	errs := make(chan error, 3)
	for range 3 {
		wg.Go(func() { errs <- turns.take(ctx) })
	}
	if err := <-errs; !errors.Is(err, ErrBusy) {
		t.Errorf("the third who waits gets %v, want ErrBusy", err)
	}
	cancel()
	wg.Wait()
	for range 2 {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("who waits and gives up gets %v", err)
		}
	}
	turns.give()
	if err := turns.take(t.Context()); err != nil {
		t.Errorf("when all is quiet again: %v", err)
	}
}

func TestResolve(t *testing.T) {
	d, s := open(t)
	if err := d.AddDomain(t.Context(), "Bücher.example"); err != nil {
		t.Fatal(err)
	}
	alice := add(t, d, "alice@example.com", "pw")
	jose := add(t, d, "José@bücher.example", "pw")
	if err := d.AddAlias(t.Context(), "info@xn--bcher-kva.example", "alice@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		address string
		want    store.AccountID
		err     error
	}{
		{address: "alice@example.com", want: alice.ID},
		{address: "ALICE@EXAMPLE.com", want: alice.ID},
		{address: `"alice"@example.com`, want: alice.ID},
		{address: `"al\ice"@example.com`, want: alice.ID},
		{address: "jose\u0301@xn--bcher-kva.example", want: jose.ID},
		{address: "JOSÉ@BÜCHER.EXAMPLE", want: jose.ID},
		{address: "info@bücher.example", want: alice.ID},
		{address: "jose@bücher.example", err: ErrNoSuchUser},
		{address: "bob@example.com", err: ErrNoSuchUser},
		{address: "alice@sub.example.com", err: ErrNotLocal},
		{address: "alice@[127.0.0.1]", err: ErrNotLocal},
		{address: "alice@foo_bar.example", err: ErrNotLocal},
		{address: "alice", err: ErrBadAddress},
		{address: "@example.com", err: ErrBadAddress},
		{address: "al\x00ice@example.com", err: ErrBadAddress},
		{address: strings.Repeat("a", 65) + "@example.com", err: ErrBadAddress},
		{address: "\xff@example.com", err: ErrBadAddress},
	} {
		r, err := d.Resolve(t.Context(), c.address)
		if !errors.Is(err, c.err) || r.Account != c.want {
			t.Errorf("Resolve(%q) = %+v, %v; want account %d, %v", c.address, r, err, c.want, c.err)
		}
		if c.want == 0 {
			continue
		}
		if inbox, err := s.MailboxByName(t.Context(), c.want, "inbox"); err != nil || inbox.ID != r.Inbox {
			t.Errorf("Resolve(%q) gives mailbox %d, INBOX is %d (%v)", c.address, r.Inbox, inbox.ID, err)
		}
		if owns, err := d.Owns(t.Context(), c.want, c.address); err != nil || !owns {
			t.Errorf("account %d does not own %q: %v", c.want, c.address, err)
		}
		if owns, err := d.Owns(t.Context(), c.want+100, c.address); err != nil || owns {
			t.Errorf("another account owns %q: %v", c.address, err)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	d, _ := open(t)
	add(t, d, "alice@example.com", "pw")
	if _, err := d.AddAccount(t.Context(), "Alice@EXAMPLE.com", secret.New("pw")); !errors.Is(err, ErrAccountExists) {
		t.Errorf("a second alice: %v", err)
	}
	if err := d.AddAlias(t.Context(), "alice@example.com", "alice@example.com"); !errors.Is(err, ErrAccountExists) {
		t.Errorf("an alias that is an account: %v", err)
	}
	if err := d.AddDomain(t.Context(), "EXAMPLE.com."); !errors.Is(err, ErrDomainExists) {
		t.Errorf("a second example.com: %v", err)
	}
	if _, err := d.AddAccount(t.Context(), "alice@example.org", secret.New("pw")); !errors.Is(err, ErrNotLocal) {
		t.Errorf("an account of a foreign domain: %v", err)
	}
	if _, err := d.AddAccount(t.Context(), "carol@example.com", secret.New("")); !errors.Is(err, ErrBadPassword) {
		t.Errorf("an account without a password: %v", err)
	}
	accounts, err := d.Accounts(t.Context(), "")
	if err != nil || len(accounts) != 1 {
		t.Errorf("accounts are %+v, %v", accounts, err)
	}
}

func TestDomains(t *testing.T) {
	d, _ := open(t)
	add(t, d, "alice@example.com", "pw")
	if err := d.RemoveDomain(t.Context(), "example.com"); !errors.Is(err, ErrDomainInUse) {
		t.Errorf("removing a domain with an account: %v", err)
	}
	if err := d.AddDomain(t.Context(), "bad domain"); !errors.Is(err, ErrBadDomain) {
		t.Errorf("a domain with a space: %v", err)
	}
	domains, err := d.Domains(t.Context())
	if err != nil || len(domains) != 1 || domains[0].Name != "example.com" || domains[0].Accounts != 1 {
		t.Errorf("domains are %+v, %v", domains, err)
	}
	if err := d.RemoveAccount(t.Context(), "alice@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveDomain(t.Context(), "Example.Com"); err != nil {
		t.Errorf("removing an empty domain: %v", err)
	}
	if err := d.RemoveDomain(t.Context(), "example.com"); !errors.Is(err, ErrNoDomain) {
		t.Errorf("removing it again: %v", err)
	}
	if local, err := d.Local(t.Context(), "example.com"); err != nil || local {
		t.Errorf("it is still local: %v, %v", local, err)
	}
}

// TestNewAccountSeesNothingOfTheOld covers a new account with an old name.
func TestNewAccountSeesNothingOfTheOld(t *testing.T) {
	d, s := open(t)
	ctx := t.Context()
	old := add(t, d, "alice@example.com", "old")
	add(t, d, "bob@example.com", "pw")
	if err := d.AddAlias(ctx, "info@example.com", "alice@example.com"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Authenticate(ctx, "alice@example.com", secret.New("old")); err != nil {
		t.Fatal(err)
	}
	r, err := d.Resolve(ctx, "alice@example.com")
	if err != nil {
		t.Fatal(err)
	}
	placed := deliver(t, s, r.Inbox)
	v, err := s.Select(ctx, r.Inbox, false)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()

	if err := d.RemoveAccount(ctx, "ALICE@example.com"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Advance(true); !errors.Is(err, store.ErrNoMailbox) {
		t.Errorf("a session that was open sees %v", err)
	}
	renewed := add(t, d, "alice@example.com", "new")
	if renewed.ID == old.ID {
		t.Errorf("account id %d was given out twice", old.ID)
	}
	if _, err := d.Authenticate(ctx, "alice@example.com", secret.New("old")); !errors.Is(err, ErrWrongLogin) {
		t.Errorf("the old password: %v", err)
	}
	if r, err = d.Resolve(ctx, "alice@example.com"); err != nil {
		t.Fatal(err)
	}
	st, err := s.MailboxStatus(ctx, r.Inbox)
	if err != nil || st.Messages != 0 {
		t.Errorf("the new INBOX has %d messages, %v", st.Messages, err)
	}
	if st.UIDValidity <= placed.UIDValidity {
		t.Errorf("UIDVALIDITY is %d after %d", st.UIDValidity, placed.UIDValidity)
	}
	if _, err := d.Resolve(ctx, "info@example.com"); !errors.Is(err, ErrNoSuchUser) {
		t.Errorf("the old alias: %v", err)
	}
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if b, err := s.OpenBody(ctx, placed.Message); !errors.Is(err, store.ErrNoMessage) {
		t.Errorf("the old message is still there: %v, %v", b, err)
	}
}

func deliver(t *testing.T, s *store.Store, to store.MailboxID) store.Placed {
	t.Helper()
	g, err := s.Stage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Discard()
	io.WriteString(g, "Subject: hello\r\n\r\nto the old one\r\n")
	b, err := g.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Discard()
	placed, err := s.Deliver(t.Context(), store.Bulk, b, []store.Delivery{{Mailbox: to}})
	if err != nil {
		t.Fatal(err)
	}
	return placed[0]
}
