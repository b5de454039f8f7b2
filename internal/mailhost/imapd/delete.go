package imapd

import (
	"context"

	"postern/internal/wire/imap"
)

// delete answers DELETE, RFC 3501 §6.3.4. A session that removes the mailbox
// it has selected has none selected then; others are told with BYE (RFC 2180
// §3.3).
func (s *session) delete(ctx context.Context, r imap.Delete) (string, error) {
	mailbox, err := s.server.Store.MailboxByName(ctx, s.account.ID, r.Mailbox)
	if err != nil {
		return "", err
	}
	if err := s.server.Store.DeleteMailbox(ctx, s.account.ID, r.Mailbox); err != nil {
		return "", err
	}
	if s.view != nil && s.view.Mailbox().ID == mailbox.ID {
		s.deselect()
	}
	return "", nil
}
