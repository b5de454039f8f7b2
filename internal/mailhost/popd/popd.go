// Package popd is the front door for POP3: one session per connection, one file
// per command.
//
// A session shows one account's INBOX as it was when it began, and removes what
// was marked when it ends with QUIT, never otherwise. One POP3 session at a
// time has a mailbox. Messages are streamed from the store, and the listing is
// never cut.
//
// It verifies no password (login does), lets nobody log in without TLS, and
// changes nothing of a message.
//
// RFC 1939 (POP3, all but APOP), RFC 2449 (CAPA, RESP-CODES, PIPELINING,
// EXPIRE), RFC 3206 (AUTH-RESP-CODE), RFC 2595 (STLS), RFC 5034 (AUTH).
package popd

import (
	"context"
	"errors"

	"postern/internal/fault"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/refuse"
	"postern/internal/mailhost/store"
	"postern/internal/wire/ports"
)

// Options is what a Server needs; all fields are required.
type Options struct {
	// Config returns the configuration of now. The host name is of interest
	// here.
	Config func() *config.Config
	Login  *login.Login
	Store  *store.Store
}

// Server speaks POP3 with clients. It is a door.Protocol.
type Server struct {
	config func() *config.Config
	login  *login.Login
	store  *store.Store
	inUse  locks
}

// New returns a Server.
func New(o Options) *Server {
	return &Server{config: o.Config, login: o.Login, store: o.Store}
}

// Serve implements door.Protocol.
func (s *Server) Serve(ctx context.Context, c *door.Conn) error {
	x := &session{server: s, conn: c}
	defer x.leave()
	err := x.run(ctx)
	if errors.Is(err, door.ErrTimeout) {
		// RFC 1939 §3: the autologout timer ends a session without a response.
		c.Logger().Info("autologout", "reason", err)
		return nil
	}
	return err
}

// Refusal implements door.Protocol.
func (s *Server) Refusal(e *fault.Error, session string) string {
	return refuse.Closing(ports.POP3, e, session)
}
