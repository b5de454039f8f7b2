// Package imapd is the IMAP front door: one session per connection, one file
// per command. A session reads a command, checks that it may be given now,
// asks the store, and answers; what other sessions did to the mailbox that it
// has selected is told along the way, when the protocol lets it be told.
//
// It keeps no mail and no passwords, opens no port, and holds no message in
// memory: bodies go from the store to the socket and back as streams. A
// session that waits holds no buffer and, in IDLE too, one goroutine.
//
// It follows RFC 3501 (IMAP4rev1) whole, with RFC 2177 (IDLE), RFC 2342
// (NAMESPACE), RFC 2971 (ID), RFC 3691 (UNSELECT), RFC 4315 (UIDPLUS),
// RFC 4959 (SASL-IR), RFC 5530 (response codes), RFC 6154 (SPECIAL-USE and
// CREATE-SPECIAL-USE), RFC 6851 (MOVE) and RFC 7888 (LITERAL+); for mailboxes
// that several sessions change at once, RFC 2180.
package imapd

import (
	"context"
	"errors"

	"postern/internal/fault"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/refuse"
	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
	"postern/internal/wire/ports"
)

// Options is what a Server needs; all fields are required.
type Options struct {
	Store       *store.Store
	Login       *login.Login
	Hostname    string // as it stands in the greeting
	MessageSize int64  // octets of the largest message that APPEND takes
}

// Server speaks IMAP with the clients that the door brings to it.
type Server struct{ Options }

// New makes a Server.
func New(o Options) *Server { return &Server{o} }

// Refusal is the BYE that ends a session or stands in the place of its
// greeting.
func (s *Server) Refusal(e *fault.Error, session string) string {
	return refuse.Closing(ports.IMAP, e, session)
}

// Serve speaks with one client until either side has had enough.
func (s *Server) Serve(ctx context.Context, conn *door.Conn) error {
	session := &session{server: s, conn: conn}
	session.commands = imap.NewDecoder(conn, session.proceed)
	defer session.deselect()
	session.greet()
	for {
		err := session.next(ctx)
		var end *ending
		switch {
		case errors.As(err, &end):
			return end.reason
		case err != nil:
			return err
		}
	}
}

// ending is the error that ends a session: with no reason when its last words
// have been said, otherwise with one for the door.
type ending struct{ reason error }

func (e *ending) Error() string { return "the session ends" }
func (e *ending) Unwrap() error { return e.reason }

// lost ends the session where reading from the client failed.
func lost(err error) error { return &ending{err} }
