package imapd

import (
	"errors"
	"strconv"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// update tells what other sessions did to the selected mailbox since the last
// time. Its error ends the session.
func (s *session) update(mayExpunge bool) error {
	_, err := s.advance(mayExpunge, nil)
	return err
}

// advance brings the view up to date and tells what changed, but for the
// flags of messages that the caller answers for itself.
func (s *session) advance(mayExpunge bool, answered func(seq uint32) bool) (store.Changes, error) {
	if s.view == nil {
		return store.Changes{}, nil
	}
	changes, err := s.view.Advance(mayExpunge)
	if errors.Is(err, store.ErrNoMailbox) {
		s.printf("* BYE [NONEXISTENT] the selected mailbox was removed (session %s)\r\n", s.conn.ID())
		return changes, &ending{}
	}
	if err != nil {
		return changes, &ending{err}
	}
	return changes, s.tell(changes, answered)
}

func (s *session) tell(c store.Changes, answered func(seq uint32) bool) error {
	if c.Empty() {
		return nil
	}
	var b []byte
	for _, seq := range c.Expunged {
		b = appendNumbered(b, seq, "EXPUNGE\r\n")
	}
	if c.Keywords {
		b = s.appendFlagsOfMailbox(b)
	}
	snapshot := s.view.Snapshot()
	if c.Exists {
		b = appendNumbered(b, uint32(snapshot.Len()), "EXISTS\r\n")
		b = appendNumbered(b, uint32(s.view.RecentCount()), "RECENT\r\n")
	}
	for _, seq := range c.Flags {
		if answered != nil && answered(seq) {
			continue
		}
		b = s.appendFlagUpdate(b, seq, true)
	}
	return s.write(b)
}

// appendFlagUpdate prints an untagged FETCH with the flags of a message.
func (s *session) appendFlagUpdate(b []byte, seq uint32, withUID bool) []byte {
	entry := s.view.Snapshot().At(seq)
	b = appendNumbered(b, seq, "FETCH (")
	if withUID {
		b = append(b, "UID "...)
		b = strconv.AppendUint(b, uint64(entry.UID), 10)
		b = append(b, ' ')
	}
	b = append(b, "FLAGS "...)
	b = imap.AppendFlags(b, s.flagsOf(entry))
	return append(b, ")\r\n"...)
}

func appendNumbered(b []byte, n uint32, rest string) []byte {
	b = append(b, "* "...)
	b = strconv.AppendUint(b, uint64(n), 10)
	b = append(b, ' ')
	return append(b, rest...)
}
