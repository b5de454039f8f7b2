package imapd

import (
	"context"
	"io"
	"strconv"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// search answers SEARCH, RFC 3501 §6.4.4, also where it finds nothing.
func (s *session) search(ctx context.Context, r imap.Search) (string, error) {
	switch r.Charset {
	case "", "UTF-8", "US-ASCII":
	default:
		return "", no("BADCHARSET (US-ASCII UTF-8)", "that charset is not known here")
	}
	found, err := s.find(ctx, s.compile(&r.Key))
	if err != nil {
		return "", err
	}
	b := []byte("* SEARCH")
	snapshot := s.view.Snapshot()
	for _, uid := range found {
		n, _ := snapshot.SeqOf(uid)
		if r.UID {
			n = uint32(uid)
		}
		b = append(b, ' ')
		b = strconv.AppendUint(b, uint64(n), 10)
	}
	return "", s.write(append(b, "\r\n"...))
}

// find returns the messages of the selected mailbox that match, in order. It
// looks at each as closely as it must: at the snapshot, then at what the store
// knows of it, then into its text.
func (s *session) find(ctx context.Context, c *criterion) ([]store.UID, error) {
	snapshot := s.view.Snapshot()
	var open []store.UID // not decided by the snapshot
	found := make(map[store.UID]bool)
	for seq, entry := range snapshot.All() {
		switch c.match(&candidate{seq: seq, entry: entry, recent: s.view.Recent(entry.UID)}) {
		case matches:
			found[entry.UID] = true
		case unclear:
			open = append(open, entry.UID)
		}
	}
	for meta, err := range s.view.Messages(ctx, open, c.want()) {
		if err != nil {
			return nil, err
		}
		hit, err := s.look(ctx, c, meta)
		if err != nil {
			return nil, err
		}
		if hit {
			found[meta.UID] = true
		}
	}
	uids := make([]store.UID, 0, len(found))
	for _, entry := range snapshot.All() {
		if found[entry.UID] {
			uids = append(uids, entry.UID)
		}
	}
	return uids, nil
}

// look decides about one message, from its text if it must.
func (s *session) look(ctx context.Context, c *criterion, meta store.Meta) (bool, error) {
	snapshot := s.view.Snapshot()
	seq, ok := snapshot.SeqOf(meta.UID)
	if !ok {
		return false, nil
	}
	m := &candidate{seq: seq, entry: snapshot.At(seq), recent: s.view.Recent(meta.UID), meta: &meta}
	if v := c.match(m); v != unclear {
		return v == matches, nil
	}
	body, err := s.server.Store.OpenBody(ctx, meta.ID)
	if err != nil {
		return false, err
	}
	defer body.Close()
	m.body = io.NewSectionReader(body, 0, body.Size())
	return c.match(m) == matches, m.err
}
