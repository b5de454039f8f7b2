package imapd

import (
	"context"

	"postern/internal/mailhost/store"
)

// selectMailbox answers SELECT and EXAMINE, RFC 3501 §6.3.1 and §6.3.2. Also
// when it fails, the mailbox that was selected before is not any more.
func (s *session) selectMailbox(ctx context.Context, name string, readOnly bool) (string, error) {
	s.deselect()
	mailbox, err := s.server.Store.MailboxByName(ctx, s.account.ID, name)
	if err != nil {
		return "", err
	}
	if s.view, err = s.server.Store.Select(ctx, mailbox.ID, readOnly); err != nil {
		s.view = nil
		return "", err
	}
	s.conn.SetState("selected")
	if err := s.describe(); err != nil {
		return "", err
	}
	if readOnly {
		return "READ-ONLY", nil
	}
	return "READ-WRITE", nil
}

// describe says what is in the mailbox that was selected just now.
func (s *session) describe() error {
	snapshot := s.view.Snapshot()
	b := s.appendFlagsOfMailbox(nil)
	b = appendNumbered(b, uint32(snapshot.Len()), "EXISTS\r\n")
	b = appendNumbered(b, uint32(s.view.RecentCount()), "RECENT\r\n")
	if err := s.write(b); err != nil {
		return err
	}
	for seq, e := range snapshot.All() {
		if e.Flags&store.Seen == 0 {
			s.printf("* OK [UNSEEN %d] this is the first unseen message\r\n", seq)
			break
		}
	}
	s.printf("* OK [UIDVALIDITY %d] UIDs are valid\r\n", s.view.Mailbox().UIDValidity)
	s.printf("* OK [UIDNEXT %d] this is the next UID\r\n", s.view.UIDNext())
	return nil
}

// deselect lets go of the selected mailbox, if there is one.
func (s *session) deselect() {
	if s.view == nil {
		return
	}
	s.view.Close()
	s.view = nil
	s.conn.SetState("authenticated")
}
