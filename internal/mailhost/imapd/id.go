package imapd

import (
	"postern/internal/version"
	"postern/internal/wire/imap"
)

// id answers ID, RFC 2971. What the client says of itself is for the log only.
func (s *session) id(r imap.ID) (string, error) {
	if log := s.conn.Logger(); len(r.Params) > 0 {
		log.Debug("client names itself", "id", r.Params)
	}
	b := []byte(`* ID ("name" "Postern" "version" `)
	b = imap.AppendString(b, version.Version())
	return "", s.write(append(b, ")\r\n"...))
}
