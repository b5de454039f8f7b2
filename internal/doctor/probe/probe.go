// Package probe looks at endpoints: it connects, reads the greeting, asks for
// the capabilities, encrypts, reads the certificate, and logs in where that is
// safe. Everything it sees becomes evidence; it judges nothing.
//
// Its manners: all ports are connected to at once, and then at most two
// sessions at a time run on one address. A login happens once, on the best
// port; the other ports follow one at a time after a success, and a run costs
// at most two refused logins. The password travels in TLS only, to a server
// whose certificate has the right name and a known issuer, whatever its dates;
// the user alone can overrule that.
package probe

import (
	"context"
	"crypto/x509"
	"net"
	"sync"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/secret"
)

// Limits are how long the steps of a session may take.
type Limits struct {
	Connect  time.Duration // TCP
	Greeting time.Duration // until a silent server is called silent
	Late     time.Duration // more for a greeting that comes late after all
	Reply    time.Duration // every later reply, and a TLS handshake
	Pause    time.Duration // before a second try where the first was cut off
}

// DefaultLimits are those of `postern check`.
var DefaultLimits = Limits{
	Connect:  4 * time.Second,
	Greeting: 10 * time.Second,
	Late:     20 * time.Second,
	Reply:    10 * time.Second,
	Pause:    time.Second,
}

// curiosity is how long a port that tells neither protocol nor security has
// for a greeting before it is asked whether it speaks TLS.
const curiosity = time.Second

// perAddress bounds the sessions at one address at a time.
const perAddress = 2

// Options of a look.
type Options struct {
	Limits Limits
	Roots  *x509.CertPool // nil: the system's
	// Dial opens connections; nil for the system's TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Secrets never appear in the evidence.
	Secrets []secret.Secret
}

// Look looks at all endpoints at once and fills them in, up to the login. It
// returns when the slowest one is done, or soon after ctx ends with what was
// seen until then.
func Look(ctx context.Context, endpoints []evidence.Endpoint, opts Options) {
	sessions := make(map[string]chan struct{})
	for _, e := range endpoints {
		if sessions[e.Address] == nil {
			sessions[e.Address] = make(chan struct{}, perAddress)
		}
	}
	var all sync.WaitGroup
	for i := range endpoints {
		all.Go(func() {
			l := &look{e: &endpoints[i], opts: opts}
			l.run(ctx, sessions[l.e.Address])
		})
	}
	all.Wait()
}

// look is one look at one endpoint.
type look struct {
	e    *evidence.Endpoint
	opts Options

	session client.Session
	begun   time.Time     // of what is being waited for
	reached evidence.Step // the last step that was taken
}

// run takes the session as far as it goes. The slots hold one token for each
// session that has begun to speak.
func (l *look) run(ctx context.Context, slots chan struct{}) {
	defer l.leave()
	welcome := l.arrive(ctx)
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return
	}
	if welcome && l.converse(ctx) {
		l.bow(ctx)
	}
	l.leave()
	l.tryVersions(ctx)
}

// bow says goodbye.
func (l *look) bow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.opts.Limits.Reply)
	defer cancel()
	_ = l.session.Quit(ctx) // a server that cuts a goodbye short has no fault
}

// leave keeps the transcript and closes what is still open.
func (l *look) leave() {
	if l.session == nil {
		return
	}
	_ = l.session.Conn().Close()
	l.keep(l.session.Conn())
	l.session = nil
}

// keep adds what a connection said to the endpoint's transcript.
func (l *look) keep(c *client.Conn) {
	for _, line := range c.Transcript() {
		l.e.Transcript = append(l.e.Transcript, evidence.Line{
			At: evidence.MillisOf(line.At), From: string(line.From), Text: line.Text,
		})
	}
}
