package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// Conn is one connection with its transcript.
type Conn struct {
	net net.Conn
}

// Line is one line of a transcript.
type Line struct {
	At   time.Duration // since Dial began
	From Side
	Text string // printable, secrets masked, without the line end
}

// Side says who a line of a transcript comes from.
type Side string

// The sides of a transcript.
const (
	ClientSide Side = "C"
	ServerSide Side = "S"
	Note       Side = "*" // an event: connected, TLS established, closed
)

// Dial connects to address, host:port.
func Dial(ctx context.Context, address string, opts Options) (*Conn, error) {
	return nil, errors.New("client: no connection")
}

// Handshake negotiates TLS at once, as on ports that begin with it. Its error
// is a *HandshakeError.
func (c *Conn) Handshake(ctx context.Context, config *tls.Config) error {
	return errors.New("client: no connection")
}

// HandshakeError says why TLS could not be established.
type HandshakeError struct {
	// Received is the beginning of what the server sent instead of, or before,
	// the failure; what it looks like tells a plaintext server.
	Received []byte
	Err      error // *tls.RecordHeaderError, tls.AlertError, *tls.CertificateVerificationError, ...
}

func (e *HandshakeError) Error() string { return "TLS handshake: " + e.Err.Error() }

// Unwrap returns what crypto/tls or the network said.
func (e *HandshakeError) Unwrap() error { return e.Err }

// TLS returns the state of TLS, nil while the connection is in plaintext.
func (c *Conn) TLS() *tls.ConnectionState { return nil }

// Injected returns what the server sent in plaintext after it agreed to
// STARTTLS and before TLS began; it was thrown away.
func (c *Conn) Injected() []byte { return nil }

// Transcript returns the lines so far.
func (c *Conn) Transcript() []Line { return nil }

// Close closes the connection without a goodbye.
func (c *Conn) Close() error { return c.net.Close() }
