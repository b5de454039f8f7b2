// Package smtpd is the front door for SMTP: one session per connection, one
// file per command.
//
// On the port for servers it offers STARTTLS and takes mail for our own
// domains; on the ports for submission it also lets people log in, once the
// connection is encrypted, and holds them to their own addresses. It answers a
// message with 250 only when the store has made it durable.
//
// It decides nothing about addresses (delivery does), verifies no password
// (login does), and keeps no message in memory.
//
// RFC 5321 (SMTP), RFC 6409 (submission), RFC 1870 (SIZE), RFC 6152
// (8BITMIME), RFC 2920 (PIPELINING), RFC 2034 (ENHANCEDSTATUSCODES), RFC 3207
// (STARTTLS), RFC 4954 (AUTH).
package smtpd

import (
	"context"

	"postern/internal/fault"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/delivery"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/refuse"
	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// Options is what a Server needs; all fields are required.
type Options struct {
	// Config returns the configuration of now; a session keeps the one it
	// began with. The host name and the limits are of interest here.
	Config   func() *config.Config
	Delivery *delivery.Delivery
	Login    *login.Login
}

// Server speaks SMTP with clients. It is a door.Protocol.
type Server struct {
	config   func() *config.Config
	delivery *delivery.Delivery
	login    *login.Login
}

// New returns a Server.
func New(o Options) *Server {
	return &Server{o.Config, o.Delivery, o.Login}
}

// Serve implements door.Protocol.
func (s *Server) Serve(ctx context.Context, c *door.Conn) error {
	now := s.config()
	x := &session{server: s, conn: c, hostname: now.Hostname, limits: now.Limits}
	return x.run(ctx)
}

// Refusal implements door.Protocol.
func (s *Server) Refusal(e *fault.Error, session string) string {
	return refuse.Closing(ports.SMTP, e, session)
}

// The enhanced codes that need no fault to go with them.
var (
	none          = smtp.Enhanced{}
	fine          = smtp.Enhanced{2, 0, 0}
	addressFine   = smtp.Enhanced{2, 1, 0}
	recipientFine = smtp.Enhanced{2, 1, 5}
	loggedIn      = smtp.Enhanced{2, 7, 0}
	badSequence   = smtp.Enhanced{5, 5, 1}
	badSyntax     = smtp.Enhanced{5, 5, 2}
)
