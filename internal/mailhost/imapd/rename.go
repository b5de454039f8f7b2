package imapd

import (
	"context"

	"postern/internal/wire/imap"
)

// rename answers RENAME, RFC 3501 §6.3.5. Sessions that have the mailbox
// selected keep it.
func (s *session) rename(ctx context.Context, r imap.Rename) (string, error) {
	return "", s.server.Store.RenameMailbox(ctx, s.account.ID, r.From, r.To)
}
