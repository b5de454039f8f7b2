package imapd

import (
	"context"
	"strconv"

	"postern/internal/wire/imap"
)

// status answers STATUS, RFC 3501 §6.3.10.
func (s *session) status(ctx context.Context, r imap.Status) (string, error) {
	mailbox, err := s.server.Store.MailboxByName(ctx, s.account.ID, r.Mailbox)
	if err != nil {
		return "", err
	}
	status, err := s.server.Store.MailboxStatus(ctx, mailbox.ID)
	if err != nil {
		return "", err
	}
	figures := map[imap.StatusItem]uint64{
		imap.StatusMessages:    uint64(status.Messages),
		imap.StatusRecent:      uint64(status.Recent),
		imap.StatusUIDNext:     uint64(status.UIDNext),
		imap.StatusUIDValidity: uint64(status.UIDValidity),
		imap.StatusUnseen:      uint64(status.Unseen),
	}
	b := imap.AppendMailbox([]byte("* STATUS "), r.Mailbox)
	b = append(b, " ("...)
	for i, item := range r.Items {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, item...)
		b = append(b, ' ')
		b = strconv.AppendUint(b, figures[item], 10)
	}
	return "", s.write(append(b, ")\r\n"...))
}
