// Package login is the one way to log in, for SMTP, POP3 and IMAP alike: the
// guard is asked, the directory verifies, the attempt is kept. What a client is
// told when it fails names the session, so that the line in a mail program and
// the line in the log can be joined.
//
// It never says whether the name or the password was wrong, never lets a
// password be used that came over an unencrypted connection, and lets nobody act
// for another account.
//
// RFC 4954 (SMTP AUTH), RFC 5034 and RFC 1939 (POP3), RFC 3501 §6.2 (IMAP).
package login

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/secret"
	"postern/internal/wire/ports"
	"postern/internal/wire/sasl"
)

// Directory verifies passwords; *directory.Directory does.
type Directory interface {
	Authenticate(ctx context.Context, name string, password secret.Secret) (directory.Account, error)
}

// Client is the connection that somebody logs in on; *door.Conn is one.
type Client interface {
	ID() string
	Remote() netip.AddrPort
	Port() door.Port
	Secure() bool
	Attempt(activity.Outcome, fault.ID, string) activity.Attempt
	Logger() *slog.Logger
}

// Login logs people in.
type Login struct {
	guard     *guard.Guard
	directory Directory
	record    activity.Recorder
}

// New makes the way to log in.
func New(g *guard.Guard, d Directory, r activity.Recorder) *Login {
	return &Login{guard: g, directory: d, record: r}
}

// Authenticate returns the account that the credentials open. The mechanism
// (PLAIN, LOGIN, USER) is for the record.
//
// The error is a *fault.Error whose text for the client ends with the session's
// id: AU01 for a wrong name or password, AU14 where there were too many of
// those, AU13 where the server itself can't tell, GW09 without encryption, AU10
// on a port that has no login.
func (l *Login) Authenticate(ctx context.Context, c Client, mechanism string, credentials sasl.Credentials) (directory.Account, error) {
	name := credentials.Authentication
	account, e := l.verify(ctx, c, credentials)
	if e != nil {
		return directory.Account{}, l.refuse(c, mechanism, name, e)
	}
	l.keep(c.Attempt(activity.LoggedIn, "", ""), mechanism, name)
	c.Logger().Info("logged in", "account", account.Address, "mechanism", mechanism)
	return account, nil
}

// NotOffered refuses a login with a mechanism that the front door does not have
// (AU11). What it has instead is for the client's text.
func (l *Login) NotOffered(c Client, mechanism, instead string) error {
	return l.refuse(c, mechanism, "", &fault.Error{
		Fault:  "AU11",
		Client: "mechanism is not offered: choose normal password (" + instead + ")",
	})
}

// refuse ends a login that failed: it is recorded, logged, and told with the
// session's id.
func (l *Login) refuse(c Client, mechanism, name string, e *fault.Error) error {
	e.Op, e.Object = "log in", name
	e.Client += " (session " + c.ID() + ")"
	l.keep(c.Attempt(outcome(e), e.Fault, detail(e)), mechanism, name)
	c.Logger().Info("login failed", "account", name, "mechanism", mechanism, "fault", e.Fault, "reason", detail(e))
	return e
}

func (l *Login) keep(a activity.Attempt, mechanism, name string) {
	a.Account, a.Mechanism = name, mechanism
	l.record.Record(a)
}

// errActing is for an authorization identity that is not the name itself.
var errActing = errors.New("asked to act for another account")

func (l *Login) verify(ctx context.Context, c Client, credentials sasl.Credentials) (directory.Account, *fault.Error) {
	if e := Allowed(c); e != nil {
		return directory.Account{}, e
	}
	from, name := c.Remote().Addr(), credentials.Authentication
	if credentials.Authorization != "" && credentials.Authorization != name {
		return directory.Account{}, &fault.Error{
			Fault: "AU01", Err: errActing,
			Client: "acting for another account is not offered: leave the authorization identity empty",
		}
	}
	end, err := l.guard.BeforeLogin(ctx, from, name)
	if err != nil {
		return directory.Account{}, asFault(err)
	}
	defer end()
	account, err := l.directory.Authenticate(ctx, name, credentials.Password)
	switch {
	case errors.Is(err, directory.ErrWrongLogin):
		l.guard.Failed(from, name)
		return account, &fault.Error{Fault: "AU01", Client: "wrong name or password; the name is the full address", Err: err}
	case err != nil:
		return account, asFault(err)
	}
	l.guard.Succeeded(from, name)
	return account, nil
}

// Allowed says whether anybody may log in on this connection now; nil when so.
// Front doors ask before they offer it.
func Allowed(c Client) *fault.Error {
	switch {
	case c.Port().Role == ports.Relay:
		return &fault.Error{Fault: "AU10", Client: "no login on this port, which is for other mail servers: use 465 or 587"}
	case !c.Secure():
		return &fault.Error{Fault: "GW09", Client: "encrypt first: choose SSL/TLS or STARTTLS in the mail program"}
	}
	return nil
}

// asFault is for what is not the client's doing.
func asFault(err error) *fault.Error {
	var e *fault.Error
	if errors.As(err, &e) {
		return e
	}
	return &fault.Error{Fault: "AU13", Temporary: true, Client: "logins can't be checked at the moment; try again", Err: err}
}

func outcome(e *fault.Error) activity.Outcome {
	switch e.Fault {
	case "AU01":
		return activity.Rejected
	case "AU13":
		return activity.Failed
	}
	return activity.Refused
}

// detail is what the record says, which only the owner reads.
func detail(e *fault.Error) string {
	if e.Fault == "AU13" && e.Err != nil || errors.Is(e.Err, errActing) {
		return e.Err.Error()
	}
	return map[fault.ID]string{
		"AU01": "wrong name or password",
		"AU10": "login on a port for other mail servers",
		"AU11": "asked for a mechanism that is not offered",
		"AU14": "too many failed logins",
		"GW09": "login without encryption",
	}[e.Fault]
}
