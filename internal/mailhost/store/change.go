package store

import (
	"cmp"
	"slices"
)

// A change is what happened to a mailbox between one MODSEQ and another. It is
// the only thing that makes a snapshot advance: the first load, what the
// writer publishes and the catching up after a failure are all changes.
type change struct {
	mailbox  MailboxID
	modseq   ModSeq   // the snapshot has seen all up to it afterwards
	placed   []Entry  // messages that came or have other flags, by UID
	expunged []UID    // messages that went, by UID
	keywords []string // all of them, where there are more than before
	uidnext  UID      // 0 where it is as before
	gone     bool     // the mailbox was removed
}

// apply returns s after c. A change that s has seen already does nothing.
func (s *Snapshot) apply(c *change) *Snapshot {
	if c.modseq <= s.modseq {
		return s
	}
	t := s.merge(c.placed, c.expunged)
	t.modseq = c.modseq
	return t
}

// merge returns s with entries put in, in place of those with the same UID,
// and others taken out. Both lists are in the order of UIDs.
func (s *Snapshot) merge(put []Entry, out []UID) *Snapshot {
	t := &Snapshot{modseq: s.modseq, chunks: make([]chunk, 0, len(s.chunks)+1+len(put)/chunkSize)}
	for i, c := range s.chunks {
		bound := c.last()
		if i == len(s.chunks)-1 {
			bound = ^UID(0) // what is beyond the end goes into the last chunk
		}
		n, _ := slices.BinarySearchFunc(put, bound, func(e Entry, u UID) int { return after(e.UID, u) })
		m, _ := slices.BinarySearchFunc(out, bound, after)
		if n > 0 || m > 0 {
			c = c.merge(put[:n], out[:m])
			put, out = put[n:], out[m:]
		}
		t.add(c)
	}
	t.add(chunk(nil).merge(put, out))
	t.number()
	return t
}

// after compares so that a binary search finds what is beyond bound.
func after(u, bound UID) int {
	if u <= bound {
		return -1
	}
	return 1
}

// merge returns a new chunk, of any length.
func (c chunk) merge(put []Entry, out []UID) chunk {
	merged := make(chunk, 0, len(c)+len(put))
	take := func(e Entry) {
		for len(out) > 0 && out[0] < e.UID {
			out = out[1:]
		}
		if len(out) == 0 || out[0] != e.UID {
			merged = append(merged, e)
		}
	}
	for _, e := range c {
		for len(put) > 0 && put[0].UID < e.UID {
			take(put[0])
			put = put[1:]
		}
		if len(put) > 0 && put[0].UID == e.UID {
			e, put = put[0], put[1:]
		}
		take(e)
	}
	for _, e := range put {
		take(e)
	}
	return merged
}

// add appends a chunk to the spine of a snapshot in the making: in pieces if
// it is too long, together with the one before it if both are short.
func (s *Snapshot) add(c chunk) {
	if n := len(s.chunks); n > 0 && len(c) > 0 && len(s.chunks[n-1])+len(c) <= chunkSize/2 {
		c = slices.Concat(s.chunks[n-1], c)
		s.chunks = s.chunks[:n-1]
	}
	for len(c) > chunkSize {
		s.chunks = append(s.chunks, c[:chunkSize:chunkSize])
		c = c[chunkSize:]
	}
	if len(c) > 0 {
		s.chunks = append(s.chunks, c)
	}
}

// number counts the entries of a snapshot in the making.
func (s *Snapshot) number() {
	s.before = make([]uint32, len(s.chunks))
	for i, c := range s.chunks {
		s.before[i] = s.len
		s.len += uint32(len(c))
	}
}

// A difference is what a session must be told to get from one snapshot to
// another. Sequence numbers of expunged are of the old one, ascending; those
// of flags are of the new one.
type difference struct {
	expunged, flags []uint32
	added           int
}

// diff compares two snapshots of a mailbox. It looks only into the chunks that
// they don't share.
func diff(old, new *Snapshot) difference {
	var d difference
	i, j := cursor{s: old}, cursor{s: new}
	for !i.end() || !j.end() {
		if !i.end() && !j.end() && i.at == 0 && j.at == 0 && i.chunk().same(j.chunk()) {
			i.skip()
			j.skip()
			continue
		}
		switch order(i, j) {
		case -1:
			d.expunged = append(d.expunged, i.seq())
			i.next()
		case 1:
			d.added++
			j.next()
		default:
			if i.entry() != j.entry() {
				d.flags = append(d.flags, j.seq())
			}
			i.next()
			j.next()
		}
	}
	return d
}

// order compares the UIDs at two cursors that are not both at their end.
func order(i, j cursor) int {
	switch {
	case i.end():
		return 1
	case j.end():
		return -1
	}
	return cmp.Compare(i.entry().UID, j.entry().UID)
}

// A cursor walks through a snapshot.
type cursor struct {
	s    *Snapshot
	n    int // which chunk
	at   int // where in it
	done uint32
}

func (c *cursor) end() bool    { return c.n == len(c.s.chunks) }
func (c *cursor) chunk() chunk { return c.s.chunks[c.n] }
func (c *cursor) entry() Entry { return c.chunk()[c.at] }
func (c *cursor) seq() uint32  { return c.done + 1 }

func (c *cursor) next() {
	c.done++
	if c.at++; c.at == len(c.chunk()) {
		c.n, c.at = c.n+1, 0
	}
}

func (c *cursor) skip() {
	c.done += uint32(len(c.chunk()))
	c.n, c.at = c.n+1, 0
}
