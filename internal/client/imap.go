package client

import (
	"context"
	"crypto/tls"
	"io"

	"postern/internal/secret"
)

// IMAP is a dialogue in the protocol of RFC 3501.
type IMAP struct{ conn *Conn }

// NewIMAP begins an IMAP dialogue on c.
func NewIMAP(c *Conn) *IMAP { return &IMAP{c} }

// Conn is the connection beneath.
func (i *IMAP) Conn() *Conn { return i.conn }

// Greeting reads the untagged OK, PREAUTH or BYE.
func (i *IMAP) Greeting(ctx context.Context) (Reply, error) { return Reply{}, errUnfinished }

// Capabilities says CAPABILITY.
func (i *IMAP) Capabilities(ctx context.Context) (Capabilities, Reply, error) {
	return Capabilities{}, Reply{}, errUnfinished
}

// StartTLS says STARTTLS (RFC 3501 §6.2.1).
func (i *IMAP) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	return Reply{}, errUnfinished
}

// Login says AUTHENTICATE or LOGIN.
func (i *IMAP) Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error) {
	return Reply{}, errUnfinished
}

// Open says SELECT INBOX.
func (i *IMAP) Open(ctx context.Context) (Mailbox, Reply, error) {
	return Mailbox{}, Reply{}, errUnfinished
}

// UIDs returns the UIDs in the open mailbox, lowest first (UID SEARCH ALL).
func (i *IMAP) UIDs(ctx context.Context) ([]uint32, Reply, error) {
	return nil, Reply{}, errUnfinished
}

// Fetch writes the message with that UID to w as the server has it, without
// marking it read (UID FETCH BODY.PEEK[]). More than limit octets are an error.
func (i *IMAP) Fetch(ctx context.Context, uid uint32, w io.Writer, limit int64) (Reply, error) {
	return Reply{}, errUnfinished
}

// Quit says LOGOUT.
func (i *IMAP) Quit(ctx context.Context) error { return errUnfinished }
