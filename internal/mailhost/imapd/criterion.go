package imapd

import (
	"io"
	"slices"
	"time"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
	"postern/internal/wire/message"
)

// criterion is a search key made ready to be matched with many messages.
type criterion struct {
	*imap.SearchKey
	ranges []imap.SeqRange // SearchSeq, SearchUID
	bit    store.Flags     // SearchFlag, SearchNoFlag
	needle *message.Needle // the text searches
	inner  []*criterion
}

// compile makes a key ready for the selected mailbox as it is now.
func (s *session) compile(key *imap.SearchKey) *criterion {
	c := &criterion{SearchKey: key}
	snapshot := s.view.Snapshot()
	switch key.Op {
	case imap.SearchSeq:
		c.ranges = key.Set.Resolve(uint32(snapshot.Len()))
	case imap.SearchUID:
		c.ranges = key.Set.Resolve(uint32(snapshot.Last()))
	case imap.SearchFlag, imap.SearchNoFlag:
		c.bit = s.flagBit(key.Flag)
	case imap.SearchHeader, imap.SearchBody, imap.SearchText:
		c.needle = message.NewNeedle(key.Text)
	}
	for i := range key.Keys {
		c.inner = append(c.inner, s.compile(&key.Keys[i]))
	}
	return c
}

// want says what of a message's Meta the criterion looks at.
func (c *criterion) want() (want store.Want) {
	switch c.Op {
	case imap.SearchSentBefore, imap.SearchSentOn, imap.SearchSentSince:
		want = store.WantEnvelope
	case imap.SearchHeader, imap.SearchBody, imap.SearchText:
		want = store.WantStructure | store.WantSignature
	}
	for _, inner := range c.inner {
		want |= inner.want()
	}
	return want
}

// candidate is a message with as much of it as has been looked at.
type candidate struct {
	seq    uint32
	entry  store.Entry
	recent bool
	meta   *store.Meta       // nil at first
	body   *io.SectionReader // nil at first
	err    error             // of reading the body
}

// verdict is what is known of a match.
type verdict int

// What is unclear asks for a closer look.
const (
	misses verdict = iota
	unclear
	matches
)

func decided(b bool) verdict {
	if b {
		return matches
	}
	return misses
}

// match judges a message by what is known of it.
func (c *criterion) match(m *candidate) verdict {
	switch c.Op {
	case imap.SearchAll:
		return matches
	case imap.SearchAnd:
		return c.all(m)
	case imap.SearchOr:
		return max(c.inner[0].match(m), c.inner[1].match(m))
	case imap.SearchNot:
		return matches - c.inner[0].match(m)
	case imap.SearchSeq:
		return decided(inRanges(c.ranges, m.seq))
	case imap.SearchUID:
		return decided(inRanges(c.ranges, uint32(m.entry.UID)))
	case imap.SearchFlag:
		return decided(m.entry.Flags&c.bit != 0)
	case imap.SearchNoFlag:
		return decided(m.entry.Flags&c.bit == 0)
	case imap.SearchRecent:
		return decided(m.recent)
	case imap.SearchOld:
		return decided(!m.recent)
	}
	if m.meta == nil {
		return unclear
	}
	switch c.Op {
	case imap.SearchHeader, imap.SearchBody, imap.SearchText:
		return c.matchText(m)
	case imap.SearchLarger:
		return decided(m.meta.Size > c.Size)
	case imap.SearchSmaller:
		return decided(m.meta.Size < c.Size)
	}
	return decided(c.matchDate(m.meta))
}

func (c *criterion) all(m *candidate) verdict {
	v := matches
	for _, inner := range c.inner {
		if v = min(v, inner.match(m)); v == misses {
			break
		}
	}
	return v
}

// matchText lets the signature say no before the bytes decide.
func (c *criterion) matchText(m *candidate) verdict {
	switch {
	case !c.needle.MayMatch(m.meta.Signature):
		return misses
	case m.body == nil:
		return unclear
	}
	var hit bool
	var err error
	switch c.Op {
	case imap.SearchHeader:
		hit, err = c.needle.MatchField(m.body, m.meta.Structure, c.Field)
	case imap.SearchBody:
		hit, err = c.needle.MatchBody(m.body, m.meta.Structure)
	default:
		hit, err = c.needle.MatchText(m.body, m.meta.Structure)
	}
	if err != nil {
		m.err = err
	}
	return decided(hit)
}

// matchDate compares days: those of the internal date as INTERNALDATE shows it,
// and of the Date field as it is written, time and zone left aside.
func (c *criterion) matchDate(meta *store.Meta) bool {
	at := meta.Date.UTC()
	switch c.Op {
	case imap.SearchSentBefore, imap.SearchSentOn, imap.SearchSentSince:
		if meta.Envelope == nil {
			return false
		}
		sent, ok := message.ParseDate(meta.Envelope.Date.Value)
		if !ok {
			return false
		}
		at = sent
	}
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	switch c.Op {
	case imap.SearchBefore, imap.SearchSentBefore:
		return day.Before(c.Date)
	case imap.SearchOn, imap.SearchSentOn:
		return day.Equal(c.Date)
	}
	return !day.Before(c.Date)
}

// inRanges looks in ranges that ascend and don't overlap.
func inRanges(ranges []imap.SeqRange, n uint32) bool {
	_, found := slices.BinarySearchFunc(ranges, n, func(r imap.SeqRange, n uint32) int {
		switch {
		case r.Stop < n:
			return -1
		case r.Start > n:
			return 1
		}
		return 0
	})
	return found
}
