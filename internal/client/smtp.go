package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"

	"postern/internal/secret"
)

var errUnfinished = errors.New("client: no dialogue")

// SMTP is a dialogue in the protocol of RFC 5321.
type SMTP struct{ conn *Conn }

// NewSMTP begins an SMTP dialogue on c.
func NewSMTP(c *Conn) *SMTP { return &SMTP{c} }

// Conn is the connection beneath.
func (s *SMTP) Conn() *Conn { return s.conn }

// Greeting reads the 220.
func (s *SMTP) Greeting(ctx context.Context) (Reply, error) { return Reply{}, errUnfinished }

// Capabilities says EHLO and, to a server that does not know it, HELO.
func (s *SMTP) Capabilities(ctx context.Context) (Capabilities, Reply, error) {
	return Capabilities{}, Reply{}, errUnfinished
}

// StartTLS begins TLS (RFC 3207).
func (s *SMTP) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	return Reply{}, errUnfinished
}

// Login says AUTH (RFC 4954).
func (s *SMTP) Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error) {
	return Reply{}, errUnfinished
}

// Send sends one message: MAIL, RCPT for each recipient, DATA. The message's
// lines end in CRLF. The Reply is the one that decided; a refused sender,
// recipient or message is a *RefusedError as well.
func (s *SMTP) Send(ctx context.Context, from string, to []string, message io.Reader) (Reply, error) {
	return Reply{}, errUnfinished
}

// Quit says QUIT.
func (s *SMTP) Quit(ctx context.Context) error { return errUnfinished }
