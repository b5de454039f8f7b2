// Package client holds one SMTP, POP3 or IMAP dialogue from the client's side
// and keeps what the doctor and the demonstration need of it: every line with
// its time, raw bytes, the certificates, and each reply as it was sent.
//
// It is tolerant of anything a server sends: garbage becomes a Reply of Status
// Unknown, never a panic, and every read is bounded in bytes and by its
// context. It never decides: what a reply means for a user is the caller's to
// say. It never retries, never verifies a certificate unless the tls.Config it
// is given says so, and never writes a password into its transcript.
//
// RFC 5321 and 4954 (SMTP), RFC 1939, 2449, 2595 and 5034 (POP3), RFC 3501 and
// 4959 (IMAP), RFC 3207 (STARTTLS), RFC 4616 (SASL PLAIN).
package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// Session is a dialogue in one of the three protocols. Its methods are called
// one after another. A method's error says that the dialogue itself failed
// (closed, reset, timed out, too much); what the server refuses is a Reply.
type Session interface {
	// Greeting reads the server's first reply; on a timeout the Reply holds
	// what came so far.
	Greeting(ctx context.Context) (Reply, error)
	// Capabilities asks by EHLO, CAPA or CAPABILITY.
	Capabilities(ctx context.Context) (Capabilities, Reply, error)
	// StartTLS asks for TLS and, where the server agrees, negotiates it. A
	// *HandshakeError says that it agreed and the handshake failed.
	StartTLS(ctx context.Context, config *tls.Config) (Reply, error)
	// Login logs in by one of the Mechanisms of the server's Capabilities.
	Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error)
	// Quit says goodbye (QUIT, LOGOUT), waits for the answer and closes.
	Quit(ctx context.Context) error
	// Conn is the connection beneath.
	Conn() *Conn
}

// Mailbox is what a server says of a mailbox that it opened.
type Mailbox struct {
	Name     string // INBOX; "" for POP3, which has one
	Messages int
	Bytes    int64 // POP3 only
}

// Reader is a Session that reads mail: *POP3 and *IMAP.
type Reader interface {
	Session
	// Open opens the mailbox of the account: SELECT INBOX or STAT.
	Open(ctx context.Context) (Mailbox, Reply, error)
}

// New begins a dialogue on a connection, before anything has been read.
func New(p ports.Protocol, c *Conn) Session {
	switch p {
	case ports.SMTP:
		return NewSMTP(c)
	case ports.POP3:
		return NewPOP3(c)
	default:
		return NewIMAP(c)
	}
}

// Endpoint is where and how Connect connects.
type Endpoint struct {
	Protocol ports.Protocol
	Security ports.Security
	Address  string      // host:port
	TLS      *tls.Config // with a ServerName; not used when Security is none
}

// Connect dials, greets and encrypts as the endpoint says, and has the
// capabilities that hold from there on: the session is ready to log in. A
// server's refusal on the way is a *RefusedError.
func Connect(ctx context.Context, e Endpoint, opts Options) (Session, Capabilities, error) {
	conn, err := Dial(ctx, e.Address, opts)
	if err != nil {
		return nil, Capabilities{}, err
	}
	s := New(e.Protocol, conn)
	caps, err := prepare(ctx, s, e)
	if err != nil {
		conn.Close()
		return nil, Capabilities{}, fmt.Errorf("%s at %s: %w", e.Protocol, e.Address, err)
	}
	return s, caps, nil
}

func prepare(ctx context.Context, s Session, e Endpoint) (Capabilities, error) {
	if e.Security == ports.TLS {
		if err := s.Conn().Handshake(ctx, e.TLS); err != nil {
			return Capabilities{}, err
		}
	}
	if reply, err := s.Greeting(ctx); err != nil || !reply.OK() {
		return Capabilities{}, refused("greeting", reply, err)
	}
	caps, err := capabilities(ctx, s, e.Protocol)
	if err != nil || e.Security != ports.StartTLS {
		return caps, err
	}
	if reply, err := s.StartTLS(ctx, e.TLS); err != nil || !reply.OK() {
		return caps, refused("STARTTLS", reply, err)
	}
	return capabilities(ctx, s, e.Protocol)
}

// capabilities asks what the server can do. A POP3 server may be older than the
// question (RFC 2449).
func capabilities(ctx context.Context, s Session, p ports.Protocol) (Capabilities, error) {
	caps, reply, err := s.Capabilities(ctx)
	if err == nil && p == ports.POP3 && reply.Status == Permanent {
		return caps, nil
	}
	return caps, refused("capabilities", reply, err)
}

// RefusedError is a server's refusal where the caller wanted none.
type RefusedError struct {
	Step  string // what was refused: "greeting", "STARTTLS", "MAIL", ...
	Reply Reply
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("server refused %s: %s", e.Step, e.Reply.Text)
}

// refused turns the outcome of a step into one error, nil when it went well.
func refused(step string, reply Reply, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", step, err)
	case !reply.OK():
		return &RefusedError{step, reply}
	}
	return nil
}

// Options for a connection.
type Options struct {
	// Dial opens the connection; nil for the system's TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Secrets never appear in the transcript or in a Reply, in any encoding in
	// which the protocols carry them.
	Secrets []secret.Secret
	// Hello is the name that SMTP's EHLO gives; "" for the address literal of
	// the connection's own end (RFC 5321 §4.1.3).
	Hello string
}
