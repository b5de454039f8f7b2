package imapd

import (
	"context"
	"strings"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// specialUses are those that a mailbox can be created for.
var specialUses = []store.SpecialUse{store.Archive, store.Drafts, store.Junk, store.Sent, store.Trash}

// create answers CREATE, RFC 3501 §6.3.3, with the special use of RFC 6154 §3.
func (s *session) create(ctx context.Context, r imap.Create) (string, error) {
	use, ok := specialUse(r.Use)
	if !ok {
		return "", no("USEATTR", "mailboxes here have no such special use")
	}
	_, err := s.server.Store.CreateMailbox(ctx, s.account.ID, r.Mailbox, use)
	return "", err
}

func specialUse(name string) (use store.SpecialUse, ok bool) {
	if name == "" {
		return "", true
	}
	for _, use := range specialUses {
		if strings.EqualFold(name, string(use)) {
			return use, true
		}
	}
	return "", false
}
