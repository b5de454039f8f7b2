package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strconv"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// maxRefused is how many logins a run may see refused: more could lock the
// account.
const maxRefused = 2

// User is one form of the user name.
type User struct {
	Name string
	Form evidence.UserForm
}

// Credentials are what to log in with.
type Credentials struct {
	// Users are the forms of the name, most likely first. The second one is
	// tried where the first one was refused at the first login.
	Users    []User
	Password secret.Secret
	// Port is tried before all others; 0 for none.
	Port int
	// Insecure sends the password also in plaintext and to a server whose
	// certificate proves nothing. The user must have insisted.
	Insecure bool
}

// errUnsafe keeps a password from a server that could be anybody.
var errUnsafe = errors.New("the certificate does not prove who the server is: the password was not sent")

// Login logs in at the endpoints that Look has seen: the best one first, the
// others one at a time once a login has succeeded, each port of a host at one
// of its addresses. Without a password it notes why it did not.
func Login(ctx context.Context, endpoints []evidence.Endpoint, credentials Credentials, opts Options) {
	r := &register{credentials: credentials, opts: opts, tried: make(map[hostPort]bool)}
	for _, e := range inOrder(endpoints, credentials.Port) {
		if e.Skipped = r.skip(ctx, e); e.Skipped == "" {
			r.visit(ctx, e)
		}
	}
}

// inOrder sorts endpoints by where to log in first: the port that the user
// named, then reading before sending, IMAP before POP3, TLS before STARTTLS;
// what is equal keeps the order of trust.
func inOrder(endpoints []evidence.Endpoint, named int) []*evidence.Endpoint {
	protocols := []ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP}
	securities := []ports.Security{ports.TLS, ports.StartTLS, ports.None}
	order := make([]*evidence.Endpoint, len(endpoints))
	for i := range endpoints {
		order[i] = &endpoints[i]
	}
	after := func(e *evidence.Endpoint) int {
		if e.Port == named {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(order, func(a, b *evidence.Endpoint) int {
		return cmp.Or(
			cmp.Compare(after(a), after(b)),
			cmp.Compare(slices.Index(protocols, a.Protocol), slices.Index(protocols, b.Protocol)),
			cmp.Compare(slices.Index(securities, a.Security), slices.Index(securities, b.Security)),
		)
	})
	return order
}

type hostPort struct {
	host string
	port int
}

// register keeps count of the logins of a run.
type register struct {
	credentials Credentials
	opts        Options
	tried       map[hostPort]bool

	refused  int   // logins that were not accepted
	accepted *User // the form of the name that the server knows
	// shut lists the protocols that refused a login: their other ports would
	// too. All of them once the password itself was rejected.
	shut []ports.Protocol
}

// skip says why no login is tried at an endpoint; "" when one is.
func (r *register) skip(ctx context.Context, e *evidence.Endpoint) string {
	switch {
	case e.Role == ports.Relay:
		return evidence.SkipRelay
	case len(r.credentials.Users) == 0 || r.credentials.Password.Empty():
		return evidence.SkipNoCredentials
	case ended(ctx):
		return evidence.SkipStopped
	case lastCapabilities(e) == nil:
		return evidence.SkipNotReached
	case !r.credentials.Insecure && !provesItself(e):
		return evidence.SkipNotSafe
	case len(mechanisms(e)) == 0:
		return evidence.SkipNotOffered
	case slices.Contains(r.shut, e.Protocol):
		return evidence.SkipRejected
	case r.tried[hostPort{e.Host, e.Port}]:
		return evidence.SkipSamePort
	}
	return ""
}

// lastCapabilities returns the capabilities that hold at the login; nil when
// the session did not get that far.
func lastCapabilities(e *evidence.Endpoint) *evidence.Capabilities {
	last := e.Plain
	if e.TLS != nil {
		last = e.Protected
	}
	if last == nil || last.Failure != nil {
		return nil
	}
	return last
}

func mechanisms(e *evidence.Endpoint) []client.Mechanism {
	caps := client.Capabilities{Protocol: e.Protocol, Keywords: lastCapabilities(e).Keywords}
	return caps.Mechanisms()
}

// provesItself reports whether the endpoint's certificate has the right name
// and a known issuer. Its dates may be wrong.
func provesItself(e *evidence.Endpoint) bool {
	if e.TLS == nil || e.TLS.Failure != nil || e.TLS.Trust != evidence.Trusted || len(e.TLS.Chain) == 0 {
		return false
	}
	return e.TLS.Chain[0].Covers(e.Host)
}

// security is how the endpoint was seen to be protected.
func security(e *evidence.Endpoint) ports.Security {
	switch {
	case e.TLS == nil || e.TLS.Failure != nil:
		return ports.None
	case e.StartTLS != nil:
		return ports.StartTLS
	}
	return ports.TLS
}

// visit logs in at one endpoint, with the other form of the user name after a
// rejection if no login has succeeded yet.
func (r *register) visit(ctx context.Context, e *evidence.Endpoint) {
	r.tried[hostPort{e.Host, e.Port}] = true
	users := r.credentials.Users
	if r.accepted != nil {
		users = []User{*r.accepted}
	}
	rejected := false
	for i := range users {
		reply := r.session(ctx, e, users[i])
		if reply != nil && reply.Status == evidence.StatusOK {
			r.accepted = &users[i]
			return
		}
		if reply != nil && reply.Detail == "IN-USE" { // who we are was accepted
			break
		}
		r.refused++
		if rejected = reply != nil && reply.Status == evidence.StatusPermanent; !rejected || r.refused == maxRefused {
			break
		}
	}
	r.shut = append(r.shut, e.Protocol)
	if rejected && r.accepted == nil || r.refused == maxRefused {
		r.shut = []ports.Protocol{ports.SMTP, ports.POP3, ports.IMAP}
	}
}

// session tries one login in a session of its own, and opens the mailbox after
// a success. It returns the server's reply to the login, nil without one.
func (r *register) session(ctx context.Context, e *evidence.Endpoint, user User) *evidence.Reply {
	bounded, cancel := context.WithTimeout(ctx, r.opts.Limits.Greeting+r.opts.Limits.Late)
	session, caps, err := client.Connect(bounded, client.Endpoint{
		Protocol: e.Protocol,
		Security: security(e),
		Address:  net.JoinHostPort(e.Address, strconv.Itoa(e.Port)),
		TLS:      r.config(e),
	}, client.Options{Dial: r.opts.Dial, Secrets: r.opts.Secrets})
	cancel()
	if errors.Is(err, errUnsafe) {
		e.Skipped = evidence.SkipNotSafe
		return nil
	}
	if err != nil {
		e.Logins = append(e.Logins, evidence.Login{User: user.Name, Form: user.Form, Failure: failed(ctx, err)})
		return nil
	}
	l := &look{e: e, opts: r.opts, session: session, reached: evidence.StepCertify}
	defer l.leave()
	var reply *evidence.Reply
	if m := caps.Mechanisms(); len(m) > 0 {
		reply = r.login(ctx, l, m[0], user)
	}
	if reply != nil && reply.Status == evidence.StatusOK {
		l.reached = evidence.StepLogin
		l.open(ctx)
	}
	if e.End == nil {
		l.bow(ctx)
	}
	return reply
}

// config lets the handshake of a login fail where the password would not be
// safe: what another connection saw proves nothing about this one.
func (r *register) config(e *evidence.Endpoint) *tls.Config {
	l := &look{e: e, opts: r.opts}
	config := l.config()
	if !r.credentials.Insecure {
		config.VerifyConnection = func(state tls.ConnectionState) error {
			facts, err := pki.Inspect(state.PeerCertificates, e.Host, r.opts.Roots)
			if err != nil || facts.Trust != pki.Trusted || !facts.MatchesHost {
				return errUnsafe
			}
			return nil
		}
	}
	return config
}

func (r *register) login(ctx context.Context, l *look, m client.Mechanism, user User) *evidence.Reply {
	bounded, cancel := context.WithTimeout(ctx, r.opts.Limits.Greeting+r.opts.Limits.Late)
	defer cancel()
	start := time.Now()
	reply, err := l.session.Login(bounded, m, user.Name, r.credentials.Password)
	try := evidence.Login{
		Mechanism: string(m), User: user.Name, Form: user.Form,
		Took: evidence.Since(start), Failure: failed(ctx, err),
	}
	if err == nil {
		try.Reply = replyOf(reply)
	}
	l.e.Logins = append(l.e.Logins, try)
	l.ended(try.Failure)
	return try.Reply
}
