package imapd

import (
	"context"
	"errors"
	"strconv"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// copy answers COPY, RFC 3501 §6.4.7.
func (s *session) copy(ctx context.Context, r imap.Copy) (string, error) {
	copied, err := s.transfer(ctx, s.server.Store.Copy, r.Set, r.UID, r.Mailbox)
	return copyUID(copied), err
}

// transfer copies or moves messages of the selected mailbox.
func (s *session) transfer(
	ctx context.Context,
	how func(context.Context, store.MailboxID, []store.UID, store.MailboxID) (store.Copied, error),
	set imap.SeqSet, byUID bool, to string,
) (store.Copied, error) {
	uids, err := s.messages(set, byUID)
	if err != nil {
		return store.Copied{}, err
	}
	mailbox, err := s.server.Store.MailboxByName(ctx, s.account.ID, to)
	if errors.Is(err, store.ErrNoMailbox) {
		return store.Copied{}, no("TRYCREATE", "there is no such mailbox; CREATE it first")
	}
	if err != nil || len(uids) == 0 {
		return store.Copied{}, err
	}
	return how(ctx, s.view.Mailbox().ID, uids, mailbox.ID)
}

// copyUID is the response code that says which messages became which, RFC 4315
// §3; "" where none did.
func copyUID(c store.Copied) string {
	if len(c.From) == 0 {
		return ""
	}
	b := []byte("COPYUID ")
	b = strconv.AppendUint(b, uint64(c.UIDValidity), 10)
	b = append(b, ' ')
	b = imap.AppendUIDs(b, numbers(c.From))
	b = append(b, ' ')
	return string(imap.AppendUIDs(b, numbers(c.To)))
}
