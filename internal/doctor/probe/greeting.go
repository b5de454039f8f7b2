package probe

import (
	"context"
	"strings"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
	"postern/internal/wire/recognise"
)

// arrive connects, begins TLS where the port begins with it, and reads the
// greeting. It reports whether a server of the right protocol welcomed us. A
// connection that is cut off before a word gets one more try: that tells a
// busy moment from a wall.
func (l *look) arrive(ctx context.Context) bool {
	welcome := l.attempt(ctx)
	cut := l.cutOff()
	if cut == nil || !pause(ctx, l.opts.Limits.Pause) {
		return welcome
	}
	l.leave()
	l.e.Retried, l.e.Greeting, l.e.TLS, l.e.Hello = cut, nil, nil, nil
	return l.attempt(ctx)
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// cutOff returns how the connection was ended without a word, if it was.
func (l *look) cutOff() *evidence.Failure {
	if t := l.e.TLS; t != nil && t.Failure != nil && t.Failure.Received == "" {
		switch t.Failure.Kind {
		case evidence.TLSReset:
			return &evidence.Failure{Kind: evidence.Reset, Text: t.Failure.Text}
		case evidence.TLSClosed:
			return &evidence.Failure{Kind: evidence.Closed, Text: t.Failure.Text}
		}
	}
	if g := l.e.Greeting; g != nil && g.Failure != nil && g.Text == "" {
		if k := g.Failure.Kind; k == evidence.Reset || k == evidence.Closed {
			return g.Failure
		}
	}
	return nil
}

func (l *look) attempt(ctx context.Context) bool {
	conn := l.connect(ctx)
	if conn == nil {
		return false
	}
	l.reached = evidence.StepReach
	l.begun = time.Now()
	if l.e.Protocol == "" || l.e.Security == "" {
		return l.explore(ctx, conn)
	}
	l.session = client.New(l.e.Protocol, conn)
	if l.e.Security == ports.TLS && !l.handshake(ctx) {
		return false
	}
	return l.greet(ctx)
}

// explore finds out what a port speaks whose number does not tell: a greeting
// in plain text, or, after some silence, TLS.
func (l *look) explore(ctx context.Context, conn *client.Conn) bool {
	quick, cancel := context.WithTimeout(ctx, curiosity)
	first, err := conn.Await(quick)
	cancel()
	l.session = client.New(l.e.Protocol, conn)
	if err == nil {
		l.e.Security = ports.StartTLS
		l.guess(first)
		return l.greet(ctx)
	}
	if ended(ctx) {
		return false
	}
	if f := failed(ctx, err); f.Kind != evidence.Timeout {
		l.e.Greeting = &evidence.Greeting{Service: "nothing", Took: evidence.Since(l.begun), Failure: f}
		return false
	}
	if hello := l.hello(ctx); hello.Failure != nil {
		return l.greet(ctx) // silent so far, and no TLS
	}
	l.leave()
	l.e.Security = ports.TLS
	return l.exploreTLS(ctx)
}

// exploreTLS reads the greeting inside TLS to learn the protocol.
func (l *look) exploreTLS(ctx context.Context) bool {
	conn := l.connect(ctx)
	if conn == nil {
		return false
	}
	l.begun = time.Now()
	l.session = client.New(l.e.Protocol, conn)
	if !l.handshake(ctx) {
		return false
	}
	wait, cancel := context.WithTimeout(ctx, l.opts.Limits.Greeting)
	first, _ := conn.Await(wait)
	cancel()
	l.guess(first)
	return l.greet(ctx)
}

// guess takes the protocol from the first octets where it is not known.
func (l *look) guess(first []byte) {
	if l.e.Protocol != "" {
		return
	}
	switch p := ports.Protocol(service(first)); p {
	case ports.SMTP, ports.POP3, ports.IMAP:
		l.e.Protocol = p
	}
	l.session = client.New(l.e.Protocol, l.session.Conn())
}

// greet reads the greeting. A port that should begin in plain text and stays
// silent is asked on a second connection whether it speaks TLS, while the first
// goes on waiting: the greeting may only be late.
func (l *look) greet(ctx context.Context) bool {
	wait, cancel := context.WithTimeout(ctx, l.opts.Limits.Greeting+l.opts.Limits.Late)
	defer cancel()
	beside := func() *evidence.TLS { return nil }
	if l.e.Security != ports.TLS {
		beside = l.askBeside(wait, cancel)
	}
	reply, err := l.session.Greeting(wait)
	took := evidence.Since(l.begun)
	if err == nil {
		cancel() // what the second connection would say no longer matters
	}
	hello := beside()
	if err != nil && ended(ctx) {
		return false // nothing is known
	}
	if hello != nil && (err != nil || hello.Failure == nil) {
		l.e.Hello = &evidence.Hello{TLS: hello}
	}
	l.e.Greeting = greeting(reply, took)
	l.e.Greeting.Failure = failed(ctx, err)
	if err != nil || !l.welcomed() {
		return false
	}
	l.reached = evidence.StepGreet
	return true
}

// askBeside asks on a second connection whether the port speaks TLS, once the
// first one has been silent for the limit. It calls settled when the answer
// leaves no hope of a greeting: TLS, or another service. The function that it
// returns gives the answer, nil when nobody was asked.
func (l *look) askBeside(ctx context.Context, settled func()) (answer func() *evidence.TLS) {
	asked := make(chan *evidence.TLS, 1)
	timer := time.AfterFunc(l.opts.Limits.Greeting, func() {
		hello := l.hello(ctx)
		if hello.Failure == nil || hello.Failure.Service != "" {
			settled()
		}
		asked <- hello
	})
	return func() *evidence.TLS {
		if timer.Stop() {
			return nil
		}
		return <-asked
	}
}

// welcomed reports whether the greeting is one to go on after. FTP greets with
// 220 as SMTP does, so that a host called ftp looks like a file server: the
// answer to EHLO decides.
func (l *look) welcomed() bool {
	g := l.e.Greeting
	likely := g.Service == string(l.e.Protocol) || g.Service == ftp && l.e.Protocol == ports.SMTP
	return g.Reply != nil && g.Reply.Status == evidence.StatusOK && likely
}

// ftp is what recognise calls a file server.
const ftp = "ftp"

// maxText bounds what is kept of a greeting, in octets.
const maxText = 512

func greeting(reply client.Reply, took evidence.Millis) *evidence.Greeting {
	raw := []byte(reply.Raw)
	g := &evidence.Greeting{
		Service: service(raw),
		Garbled: recognise.Server(raw).Kind == recognise.Garbled,
		Text:    client.Printable(strings.TrimRight(reply.Raw[:min(len(reply.Raw), maxText)], "\r\n")),
		Took:    took,
	}
	if reply.Status != client.Unknown {
		g.Reply = replyOf(reply)
	}
	return g
}

// service is what the first octets of a server speak, in the words of
// evidence.Greeting.Service.
func service(first []byte) string {
	return strings.ToLower(string(recognise.Server(first).Protocol))
}

func replyOf(r client.Reply) *evidence.Reply {
	return &evidence.Reply{
		Status: r.Status.String(),
		Code:   r.Code,
		Detail: r.Detail,
		Text:   r.Text,
	}
}
