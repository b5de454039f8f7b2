package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"reflect"
)

// HandshakeError says why TLS could not be established.
type HandshakeError struct {
	// Received is the beginning of what the server sent during the handshake:
	// a server that does not speak TLS shows itself here.
	Received []byte
	Err      error // tls.RecordHeaderError, *tls.CertificateVerificationError, a network error, ...
}

func (e *HandshakeError) Error() string { return "TLS handshake: " + e.Err.Error() }

// Unwrap returns what crypto/tls or the network said.
func (e *HandshakeError) Unwrap() error { return e.Err }

// Alert returns the number of the TLS alert (RFC 8446 §6) that the server sent
// in err, if it is one.
func Alert(err error) (number int, ok bool) {
	var remote *net.OpError
	if !errors.As(err, &remote) || remote.Op != "remote error" {
		return 0, false
	}
	// crypto/tls keeps the type of a received alert to itself.
	alert := reflect.ValueOf(remote.Err)
	if alert.Kind() != reflect.Uint8 {
		return 0, false
	}
	return int(alert.Uint()), true
}

// Handshake negotiates TLS now, as on ports that begin with it. Its error is a
// *HandshakeError.
func (c *Conn) Handshake(ctx context.Context, config *tls.Config) error {
	defer c.during(ctx)()
	c.socket.mark()
	layer := tls.Client(c.socket, config)
	if err := layer.HandshakeContext(ctx); err != nil {
		c.note("TLS failed: %v", err)
		return &HandshakeError{Received: c.socket.first, Err: err}
	}
	state := layer.ConnectionState()
	c.tls = &state
	c.net = layer
	c.in.Reset(layer)
	c.note("%s, %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
	return nil
}

// startTLS negotiates TLS after the server agreed to it. What the server sent
// behind its agreement was said by whoever sits on the line: it is kept as
// evidence and never read as part of the protected dialogue.
func (c *Conn) startTLS(ctx context.Context, config *tls.Config) error {
	if n := c.in.Buffered(); n > 0 {
		early, _ := c.in.Peek(n)
		c.injected = append(c.injected, early...)
		c.note("%d octets in plaintext after the reply, before TLS", n)
	}
	return c.Handshake(ctx, config)
}

// TLS returns the state of TLS, nil while the connection is in plaintext.
func (c *Conn) TLS() *tls.ConnectionState { return c.tls }

// Injected returns what the server sent in plaintext after it agreed to
// STARTTLS and before TLS began; it was thrown away.
func (c *Conn) Injected() []byte { return c.injected }
