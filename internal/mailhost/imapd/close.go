package imapd

import "context"

// close answers CLOSE, RFC 3501 §6.4.2: it removes what is marked \Deleted,
// without a word, and deselects.
func (s *session) close(ctx context.Context) (string, error) {
	mailbox, readOnly := s.view.Mailbox().ID, s.view.ReadOnly()
	if !readOnly {
		if _, err := s.server.Store.Expunge(ctx, mailbox, nil, true); err != nil {
			return "", err
		}
	}
	s.deselect()
	return "", nil
}

// unselect answers UNSELECT, RFC 3691: CLOSE that removes nothing.
func (s *session) unselect() (string, error) {
	s.deselect()
	return "", nil
}
