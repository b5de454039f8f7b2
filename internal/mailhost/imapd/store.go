package imapd

import (
	"context"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

var flagModes = map[imap.StoreOp]store.FlagMode{
	imap.ReplaceFlags: store.ReplaceFlags,
	imap.AddFlags:     store.AddFlags,
	imap.RemoveFlags:  store.RemoveFlags,
}

// store answers STORE, RFC 3501 §6.4.6: it tells the flags of every message it
// was about; with .SILENT only of those whose flags are not what the client
// must now think they are, because another session changed them too.
func (s *session) store(ctx context.Context, r imap.Store) (string, error) {
	if s.view.ReadOnly() {
		return "", store.ErrReadOnly
	}
	uids, err := s.messages(r.Set, r.UID)
	if err != nil || len(uids) == 0 {
		return "", err
	}
	system, keywords := splitFlags(r.Flags)
	change := store.FlagChange{Mode: flagModes[r.Op], Flags: system, Keywords: keywords}
	before := s.view.Snapshot()
	if _, err := s.server.Store.SetFlags(ctx, s.view.Mailbox().ID, uids, change); err != nil {
		return "", err
	}
	about := make(map[store.UID]bool, len(uids))
	for _, uid := range uids {
		about[uid] = true
	}
	// Sequence numbers stay as they are until the answer is complete, so that
	// before and after can be compared.
	_, err = s.advance(false, func(seq uint32) bool {
		e := s.view.Snapshot().At(seq)
		return about[e.UID] && (!r.Silent || e.Flags == s.applied(before.At(seq).Flags, r))
	})
	if err != nil || r.Silent {
		return "", err
	}
	return "", s.tellFlags(uids, r.UID)
}

// applied is what the client must think a message's flags are now.
func (s *session) applied(flags store.Flags, r imap.Store) store.Flags {
	var named store.Flags
	for _, flag := range r.Flags {
		named |= s.flagBit(flag)
	}
	switch r.Op {
	case imap.AddFlags:
		return flags | named
	case imap.RemoveFlags:
		return flags &^ named
	}
	return named
}

func (s *session) tellFlags(uids []store.UID, withUID bool) error {
	snapshot := s.view.Snapshot()
	var b []byte
	for _, uid := range uids {
		if seq, ok := snapshot.SeqOf(uid); ok {
			b = s.appendFlagUpdate(b[:0], seq, withUID)
			if err := s.write(b); err != nil {
				return err
			}
		}
	}
	return nil
}
