package imapd

import (
	"context"

	"postern/internal/mailhost/door"
	"postern/internal/wire/imap"
	"postern/internal/wire/sasl"
)

// login answers LOGIN, RFC 3501 §6.2.3, and ends AUTHENTICATE.
func (s *session) login(ctx context.Context, mechanism string, c sasl.Credentials) (string, error) {
	account, err := s.server.Login.Authenticate(ctx, s.conn, mechanism, c)
	if err != nil {
		return "", err
	}
	s.account = account
	limits := imap.AfterLogin
	limits.Message = s.server.MessageSize
	s.commands.SetLimits(limits)
	s.conn.SetCommandTimeout(door.CommandIMAP)
	s.conn.SetState("authenticated")
	return "CAPABILITY " + s.capabilities(), nil
}
