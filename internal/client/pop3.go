package client

import (
	"context"
	"crypto/tls"
	"io"

	"postern/internal/secret"
)

// POP3 is a dialogue in the protocol of RFC 1939.
type POP3 struct{ conn *Conn }

// NewPOP3 begins a POP3 dialogue on c.
func NewPOP3(c *Conn) *POP3 { return &POP3{c} }

// Conn is the connection beneath.
func (p *POP3) Conn() *Conn { return p.conn }

// Greeting reads the +OK.
func (p *POP3) Greeting(ctx context.Context) (Reply, error) { return Reply{}, errUnfinished }

// Capabilities says CAPA (RFC 2449). A server that does not know it has none.
func (p *POP3) Capabilities(ctx context.Context) (Capabilities, Reply, error) {
	return Capabilities{}, Reply{}, errUnfinished
}

// StartTLS says STLS (RFC 2595 §4).
func (p *POP3) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	return Reply{}, errUnfinished
}

// Login says USER and PASS, or AUTH (RFC 5034).
func (p *POP3) Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error) {
	return Reply{}, errUnfinished
}

// Open says STAT.
func (p *POP3) Open(ctx context.Context) (Mailbox, Reply, error) {
	return Mailbox{}, Reply{}, errUnfinished
}

// Retrieve writes message n, from 1, to w as it was sent: lines in CRLF,
// without the dot-stuffing. More than limit octets are an error.
func (p *POP3) Retrieve(ctx context.Context, n int, w io.Writer, limit int64) (Reply, error) {
	return Reply{}, errUnfinished
}

// Quit says QUIT.
func (p *POP3) Quit(ctx context.Context) error { return errUnfinished }
