package imapd

import (
	"context"
	"errors"

	"postern/internal/mailhost/login"
	"postern/internal/wire/imap"
	"postern/internal/wire/sasl"
)

// authenticate answers AUTHENTICATE, RFC 3501 §6.2.2, with the initial
// response of RFC 4959.
func (s *session) authenticate(ctx context.Context, r imap.Authenticate) (string, error) {
	switch {
	case login.Allowed(s.conn) != nil:
		// It is refused and recorded before the client is asked for a password.
		return s.login(ctx, r.Mechanism, sasl.Credentials{})
	case r.Mechanism != sasl.Plain:
		return "", s.server.Login.NotOffered(s.conn, r.Mechanism, "LOGIN or PLAIN")
	}
	response, err := s.firstResponse(r.Initial)
	if err != nil {
		return "", err
	}
	mechanism, _ := sasl.NewServer(sasl.Plain)
	if _, _, err := mechanism.Next(response); err != nil {
		return "", mistaken(err)
	}
	return s.login(ctx, sasl.Plain, mechanism.Credentials())
}

// firstResponse is what came with the command, or else what the client sends
// when it is asked.
func (s *session) firstResponse(initial string) ([]byte, error) {
	if initial != "" {
		response, err := sasl.DecodeInitial(initial)
		return response, mistaken(err)
	}
	s.printf("+ \r\n")
	line, err := s.conn.ReadLine(imap.BeforeLogin.Line)
	if err != nil {
		return nil, s.misread(err)
	}
	response, err := sasl.Decode(string(line))
	return response, mistaken(err)
}

// mistaken says what is wrong with a message of the exchange.
func mistaken(err error) error {
	var format *sasl.FormatError
	switch {
	case errors.Is(err, sasl.ErrCanceled):
		return bad("the exchange was cancelled")
	case errors.As(err, &format):
		return bad(format.Text)
	}
	return err
}
