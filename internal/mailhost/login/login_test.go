package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"postern/internal/fault"
	"postern/internal/lab/artifacts"
	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/secret"
	"postern/internal/wire/ports"
	"postern/internal/wire/sasl"
)

// phone is a client.
type phone struct {
	secure bool
	role   ports.Role
	log    *slog.Logger
}

var home = netip.MustParseAddrPort("192.0.2.7:4000")

func (phone) ID() string             { return "k3m9x0p2qa" }
func (phone) Remote() netip.AddrPort { return home }
func (p phone) Port() door.Port      { return door.Port{Number: 143, Protocol: ports.IMAP, Role: p.role} }
func (p phone) Secure() bool         { return p.secure }
func (p phone) Logger() *slog.Logger { return p.log }
func (phone) Attempt(o activity.Outcome, id fault.ID, detail string) activity.Attempt {
	return activity.Attempt{Address: home.Addr(), Outcome: o, Fault: id, Detail: detail, Session: "k3m9x0p2qa"}
}

// call is a client whose log is kept.
func call(t *testing.T, secure bool, role ports.Role) phone {
	return phone{secure, role, slog.New(slog.NewTextHandler(artifacts.Writer(t, "log"), nil))}
}

// people is a directory with one account, or one that is broken.
type people struct {
	password string
	broken   error
	asked    int
}

func (p *people) Authenticate(_ context.Context, name string, password secret.Secret) (directory.Account, error) {
	p.asked++
	switch {
	case p.broken != nil:
		return directory.Account{}, p.broken
	case name == "alice@example.com" && password.Equal(secret.New(p.password)):
		return directory.Account{ID: 1, Address: name}, nil
	}
	return directory.Account{}, directory.ErrWrongLogin
}

type notes struct {
	all     []activity.Attempt
	written io.Writer
}

func (n *notes) Record(a activity.Attempt) {
	n.all = append(n.all, a)
	fmt.Fprintf(n.written, "%+v\n", a)
}

// newLogin draws the password of the directory's account.
func newLogin(t *testing.T, p *people) (*Login, *notes) {
	c := config.Default()
	p.password = artifacts.Password(t)
	n := &notes{written: artifacts.Writer(t, "attempts")}
	return New(guard.New(func() *config.Config { return &c }), p, n), n
}

func plain(name, password string) sasl.Credentials {
	return sasl.Credentials{Authentication: name, Password: secret.New(password)}
}

func TestLogin(t *testing.T) {
	for _, c := range []struct {
		name     string
		secure   bool
		role     ports.Role
		password string // what follows the right one
		broken   error
		fault    fault.ID
		outcome  activity.Outcome
		asked    int
	}{
		{"right", true, ports.Access, "", nil, "", activity.LoggedIn, 1},
		{"wrong", true, ports.Access, "x", nil, "AU01", activity.Rejected, 1},
		{"without encryption the password is not even looked at", false, ports.Access, "", nil, "GW09", activity.Refused, 0},
		{"on the port for servers", true, ports.Relay, "", nil, "AU10", activity.Refused, 0},
		{"too many at once", true, ports.Submission, "", directory.ErrBusy, "AU13", activity.Failed, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &people{broken: c.broken}
			l, n := newLogin(t, p)
			account, err := l.Authenticate(t.Context(), call(t, c.secure, c.role), "PLAIN", plain("alice@example.com", p.password+c.password))
			if fault.Of(err) != c.fault || (err == nil) != (account.ID == 1) {
				t.Errorf("got %v, %v", account, err)
			}
			var e *fault.Error
			if errors.As(err, &e) && !strings.HasSuffix(e.Client, "(session k3m9x0p2qa)") {
				t.Errorf("the client is told %q, without the session", e.Client)
			}
			if p.asked != c.asked {
				t.Errorf("the directory was asked %d times", p.asked)
			}
			if len(n.all) != 1 {
				t.Fatalf("recorded %v", n.all)
			}
			a := n.all[0]
			if a.Outcome != c.outcome || a.Fault != c.fault || a.Account != "alice@example.com" || a.Mechanism != "PLAIN" || a.Session != "k3m9x0p2qa" {
				t.Errorf("recorded %+v", a)
			}
		})
	}
}

// TestNobodyActsForAnother: also with the right password, and the refusal is
// recorded under the session that the client is told.
func TestNobodyActsForAnother(t *testing.T) {
	for as, want := range map[string]fault.ID{"": "", "alice@example.com": "", "bob@example.com": "AU01"} {
		p := &people{}
		l, n := newLogin(t, p)
		credentials := plain("alice@example.com", p.password)
		credentials.Authorization = as
		_, err := l.Authenticate(t.Context(), call(t, true, ports.Access), "PLAIN", credentials)
		if got := fault.Of(err); got != want {
			t.Errorf("as %q: %v, want %q", as, err, want)
		}
		if len(n.all) != 1 || n.all[0].Fault != want || n.all[0].Session != "k3m9x0p2qa" {
			t.Fatalf("as %q: recorded %+v", as, n.all)
		}
		if want != "" && (n.all[0].Detail != "asked to act for another account" || p.asked != 0) {
			t.Errorf("recorded %+v, asked %d times", n.all[0], p.asked)
		}
	}
}

// TestMechanismNotOffered: such a login was once refused without a record.
func TestMechanismNotOffered(t *testing.T) {
	l, n := newLogin(t, &people{})
	err := l.NotOffered(call(t, true, ports.Access), "CRAM-MD5", "PLAIN")
	var e *fault.Error
	if !errors.As(err, &e) || e.Fault != "AU11" || !strings.HasSuffix(e.Client, "(PLAIN) (session k3m9x0p2qa)") {
		t.Errorf("got %v", err)
	}
	if len(n.all) != 1 || n.all[0].Outcome != activity.Refused || n.all[0].Mechanism != "CRAM-MD5" || n.all[0].Detail == "" {
		t.Errorf("recorded %+v", n.all)
	}
}

// TestSameWordsForUnknownAndWrong: what a client is told does not tell whether
// there is such an account.
func TestSameWordsForUnknownAndWrong(t *testing.T) {
	l, _ := newLogin(t, &people{})
	text := func(name string) string {
		_, err := l.Authenticate(t.Context(), call(t, true, ports.Access), "PLAIN", plain(name, "x"))
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		return e.Client
	}
	if a, b := text("alice@example.com"), text("nobody@example.com"); a != b {
		t.Errorf("%q and %q differ", a, b)
	}
}

// TestGuessingEnds: after too many failures the right password does not help
// either, and the directory is not asked any more.
func TestGuessingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &people{}
		l, n := newLogin(t, p)
		try := func(password string) fault.ID {
			_, err := l.Authenticate(t.Context(), call(t, true, ports.Access), "PLAIN", plain("alice@example.com", password))
			return fault.Of(err)
		}
		for range 10 {
			if id := try("not " + p.password); id != "AU01" {
				t.Fatal(id)
			}
		}
		if id := try(p.password); id != "AU14" || p.asked != 10 {
			t.Errorf("got %q, asked %d times", id, p.asked)
		}
		if last := n.all[len(n.all)-1]; last.Outcome != activity.Refused || last.Detail != "too many failed logins" {
			t.Errorf("recorded %+v", last)
		}
	})
}
