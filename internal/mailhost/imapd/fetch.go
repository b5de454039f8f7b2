package imapd

import (
	"context"
	"slices"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// fetchBatch is how many messages are marked \Seen in one go: a client that
// hangs up in the middle of a long FETCH has not read what it did not get.
const fetchBatch = 50

// fetch answers FETCH, RFC 3501 §6.4.5.
func (s *session) fetch(ctx context.Context, r imap.Fetch) (string, error) {
	uids, err := s.messages(r.Set, r.UID)
	if err != nil {
		return "", err
	}
	if !reads(r.Items) || s.view.ReadOnly() {
		return "", s.fetchAll(ctx, uids, r.Items, nil)
	}
	for batch := range slices.Chunk(uids, fetchBatch) {
		seen, err := s.markSeen(ctx, batch)
		if err != nil {
			return "", err
		}
		if err := s.fetchAll(ctx, batch, r.Items, seen); err != nil {
			return "", err
		}
	}
	return "", nil
}

// reads says whether the items are what a person reads: it sets \Seen.
func reads(items []imap.FetchItem) bool {
	return slices.ContainsFunc(items, func(i imap.FetchItem) bool {
		return i.Kind == imap.FetchSection && !i.Section.Peek
	})
}

// markSeen sets \Seen and returns for which messages it was new.
func (s *session) markSeen(ctx context.Context, uids []store.UID) (map[store.UID]bool, error) {
	snapshot := s.view.Snapshot()
	var unseen []store.UID
	seen := make(map[store.UID]bool)
	for _, uid := range uids {
		if seq, ok := snapshot.SeqOf(uid); ok && snapshot.At(seq).Flags&store.Seen == 0 {
			unseen = append(unseen, uid)
			seen[uid] = true
		}
	}
	if len(unseen) == 0 {
		return nil, nil
	}
	change := store.FlagChange{Mode: store.AddFlags, Flags: store.Seen}
	if _, err := s.server.Store.SetFlags(ctx, s.view.Mailbox().ID, unseen, change); err != nil {
		return nil, err
	}
	_, err := s.advance(false, func(seq uint32) bool { return seen[s.view.Snapshot().At(seq).UID] })
	return seen, err
}

// fetchAll prints one response for each message; those in seen tell their new
// flags, too.
func (s *session) fetchAll(ctx context.Context, uids []store.UID, items []imap.FetchItem, seen map[store.UID]bool) error {
	withFlags := items
	if !slices.ContainsFunc(items, func(i imap.FetchItem) bool { return i.Kind == imap.FetchFlags }) {
		withFlags = append(slices.Clip(items), imap.FetchItem{Kind: imap.FetchFlags})
	}
	snapshot := s.view.Snapshot()
	one := func(meta store.Meta) error {
		seq, ok := snapshot.SeqOf(meta.UID)
		if !ok {
			return nil
		}
		f := &fetcher{session: s, ctx: ctx, meta: meta, entry: snapshot.At(seq)}
		defer f.close()
		if seen[meta.UID] {
			return f.respond(seq, withFlags)
		}
		return f.respond(seq, items)
	}
	want, stored := wanted(items)
	if !stored {
		for _, uid := range uids {
			if err := one(store.Meta{UID: uid}); err != nil {
				return err
			}
		}
		return nil
	}
	for meta, err := range s.view.Messages(ctx, uids, want) {
		if err != nil {
			return err
		}
		if err := one(meta); err != nil {
			return err
		}
	}
	return nil
}

// wanted says what the items need from the store; flags and UIDs are in the
// snapshot.
func wanted(items []imap.FetchItem) (want store.Want, stored bool) {
	for _, item := range items {
		switch item.Kind {
		case imap.FetchFlags, imap.FetchUID:
			continue
		case imap.FetchEnvelope:
			want |= store.WantEnvelope
		case imap.FetchBody, imap.FetchBodyStructure:
			want |= store.WantStructure
		case imap.FetchSection:
			if len(item.Section.Part) > 0 || item.Section.Text != imap.SectionAll {
				want |= store.WantStructure
			}
		}
		stored = true
	}
	return want, stored
}
