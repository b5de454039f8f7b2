package imapd

import (
	"postern/internal/wire/imap"
	"postern/internal/wire/ports"
)

// startTLS answers STARTTLS, RFC 3501 §6.2.1. After it the session is as new:
// nothing that was said in plain text counts.
func (s *session) startTLS(tag string) (string, error) {
	switch {
	case s.conn.Secure():
		return "", bad("the connection is encrypted already")
	case s.conn.Port().Security != ports.StartTLS:
		return "", bad("there is no TLS on this port")
	}
	if err := s.conn.StartTLS(tag + " OK begin TLS now\r\n"); err != nil {
		return "", lost(err)
	}
	s.commands = imap.NewDecoder(s.conn, s.proceed)
	s.mistakes = 0
	return "", errSaid
}
