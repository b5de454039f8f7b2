package imapd

import (
	"postern/internal/wire/imap"
	"postern/internal/wire/ports"
)

// capability answers CAPABILITY, RFC 3501 §6.1.1.
func (s *session) capability() (string, error) {
	s.printf("* CAPABILITY %s\r\n", s.capabilities())
	return "", nil
}

// capabilities are what the client may use now: a password only where nobody
// else can read it.
func (s *session) capabilities() string {
	return imap.Capabilities(imap.Access{
		StartTLS: !s.conn.Secure() && s.conn.Port().Security == ports.StartTLS,
		Login:    s.conn.Secure(),
		LoggedIn: s.loggedIn(),
	})
}
