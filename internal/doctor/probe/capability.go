package probe

import (
	"context"
	"errors"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// converse asks for the capabilities, begins TLS where the port has not, and
// asks again. It reports whether the session is still there to say goodbye.
func (l *look) converse(ctx context.Context) bool {
	caps, asked := l.capabilities(ctx)
	if l.e.Greeting.Service == ftp && asked.Reply.Status == evidence.StatusOK {
		l.e.Greeting.Service = string(ports.SMTP)
	}
	if l.e.Security == ports.TLS {
		l.e.Protected = asked
		return asked.Failure == nil
	}
	l.e.Plain = asked
	if asked.Failure != nil || l.e.Security == ports.None || l.e.Greeting.Service == ftp {
		return asked.Failure == nil
	}
	alive := l.startTLS(ctx, caps)
	if !alive || l.e.TLS == nil {
		return alive
	}
	_, l.e.Protected = l.capabilities(ctx)
	return l.e.Protected.Failure == nil
}

// capabilities asks what the server can do now.
func (l *look) capabilities(ctx context.Context) (client.Capabilities, *evidence.Capabilities) {
	bounded, cancel := context.WithTimeout(ctx, l.opts.Limits.Reply)
	defer cancel()
	start := time.Now()
	caps, reply, err := l.session.Capabilities(bounded)
	asked := &evidence.Capabilities{
		Reply:    *replyOf(reply),
		Keywords: caps.Keywords,
		Took:     evidence.Since(start),
		Failure:  failed(ctx, err),
	}
	l.ended(asked.Failure)
	return caps, asked
}

// startTLS begins TLS where that is offered, and where a POP3 server has no
// command to offer it by (RFC 2449 is younger than STLS). It reports whether
// the session goes on.
func (l *look) startTLS(ctx context.Context, caps client.Capabilities) bool {
	l.e.StartTLS = &evidence.StartTLS{Offered: caps.StartTLS()}
	unknown := l.e.Protocol == ports.POP3 && l.e.Plain.Reply.Status != evidence.StatusOK
	if !l.e.StartTLS.Offered && !unknown {
		return true
	}
	bounded, cancel := context.WithTimeout(ctx, l.opts.Limits.Reply)
	defer cancel()
	start := time.Now()
	conn := l.session.Conn()
	reply, err := l.session.StartTLS(bounded, l.config())
	asked := l.e.StartTLS
	asked.Asked = true
	asked.Took = evidence.Since(start)
	asked.Injected = client.Printable(string(conn.Injected()))
	var handshake *client.HandshakeError
	if err != nil && !errors.As(err, &handshake) {
		asked.Failure = failed(ctx, err)
		l.ended(asked.Failure)
		return false
	}
	asked.Reply = replyOf(reply)
	if !reply.OK() {
		return true
	}
	if err != nil && ended(ctx) {
		return false // nothing is known
	}
	l.e.TLS = l.tlsFacts(ctx, conn, err, start)
	if err == nil {
		l.reached = evidence.StepCertify
	}
	return err == nil
}

// ended records the end of a session before its goodbye.
func (l *look) ended(f *evidence.Failure) {
	if f != nil && l.e.End == nil {
		l.e.End = &evidence.End{After: l.reached, Failure: *f}
	}
}
