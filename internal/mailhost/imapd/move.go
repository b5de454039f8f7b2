package imapd

import (
	"context"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// move answers MOVE, RFC 6851. COPYUID comes before the EXPUNGEs, in an
// untagged OK, so that the client can tell what went where.
func (s *session) move(ctx context.Context, r imap.Move) (string, error) {
	if s.view.ReadOnly() {
		return "", store.ErrReadOnly
	}
	moved, err := s.transfer(ctx, s.server.Store.Move, r.Set, r.UID, r.Mailbox)
	if err != nil {
		return "", err
	}
	if code := copyUID(moved); code != "" {
		s.printf("* OK [%s] moved\r\n", code)
	}
	return "", nil
}
