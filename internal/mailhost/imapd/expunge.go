package imapd

import (
	"context"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// expunge answers EXPUNGE, RFC 3501 §6.4.3, and UID EXPUNGE, RFC 4315 §2.1.
// The untagged responses come when the view catches up.
func (s *session) expunge(ctx context.Context, r imap.Expunge) (string, error) {
	if s.view.ReadOnly() {
		return "", store.ErrReadOnly
	}
	var uids []store.UID // all
	if r.UIDs != nil {
		var err error
		if uids, err = s.messages(r.UIDs, true); err != nil || len(uids) == 0 {
			return "", err
		}
	}
	_, err := s.server.Store.Expunge(ctx, s.view.Mailbox().ID, uids, true)
	return "", err
}
