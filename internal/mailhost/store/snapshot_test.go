package store

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSnapshotIsASortedList applies random changes to a snapshot and to a map.
// After each, both must list the same, and the difference between any two
// snapshots must lead from one to the other.
func TestSnapshotIsASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, want := &Snapshot{}, map[UID]Entry{}
		var history []*Snapshot
		next := UID(1)
		for m := range ModSeq(rapid.IntRange(1, 12).Draw(t, "changes")) {
			c := drawChange(t, want, &next, m+1)
			for _, e := range c.placed {
				want[e.UID] = e
			}
			for _, u := range c.expunged {
				delete(want, u)
			}
			history = append(history, s)
			s = s.apply(c)
			checkSnapshot(t, s, want)
			if again := s.apply(c); again != s {
				t.Fatal("a change that was seen already did something")
			}
		}
		checkDiff(t, rapid.SampledFrom(history).Draw(t, "old"), s)
	})
}

// drawChange draws messages that come, change and go.
func drawChange(t *rapid.T, have map[UID]Entry, next *UID, m ModSeq) *change {
	c := &change{modseq: m}
	uids := slices.Sorted(maps.Keys(have))
	for _, u := range uids {
		switch rapid.IntRange(0, 7).Draw(t, "fate") {
		case 0:
			c.expunged = append(c.expunged, u)
		case 1:
			c.placed = append(c.placed, Entry{u, m, Flags(m)})
		}
	}
	for range rapid.SampledFrom([]int{0, 1, 3, 200, 700}).Draw(t, "new") {
		*next += UID(rapid.IntRange(1, 2).Draw(t, "gap"))
		c.placed = append(c.placed, Entry{*next, m, 0})
	}
	return c
}

func checkSnapshot(t *rapid.T, s *Snapshot, want map[UID]Entry) {
	uids := slices.Sorted(maps.Keys(want))
	if s.Len() != len(uids) {
		t.Fatalf("Len() = %d, want %d", s.Len(), len(uids))
	}
	seq := uint32(0)
	for n, e := range s.All() {
		if seq++; n != seq || e != want[uids[seq-1]] || s.At(seq) != e {
			t.Fatalf("number %d is %+v (At: %+v), want %+v", n, e, s.At(seq), want[uids[seq-1]])
		}
		if got, ok := s.SeqOf(e.UID); !ok || got != seq {
			t.Fatalf("SeqOf(%d) = %d, %v", e.UID, got, ok)
		}
	}
	if int(seq) != len(uids) {
		t.Fatalf("All() ends after %d of %d", seq, len(uids))
	}
	if got := s.Ceil(s.Last() + 1); got != uint32(s.Len()+1) {
		t.Fatalf("Ceil beyond the end = %d of %d", got, s.Len())
	}
	for i, c := range s.chunks {
		if len(c) == 0 || len(c) > chunkSize {
			t.Fatalf("a chunk of %d entries", len(c))
		}
		if i > 0 && len(c)+len(s.chunks[i-1]) < chunkSize/2 {
			t.Fatalf("neighbours of %d and %d entries", len(s.chunks[i-1]), len(c))
		}
	}
}

// checkDiff does with a list of UIDs what an IMAP client does.
func checkDiff(t *rapid.T, old, new *Snapshot) {
	var client []Entry
	for _, e := range old.All() {
		client = append(client, e)
	}
	d := diff(old, new)
	for _, seq := range slices.Backward(d.expunged) {
		client = slices.Delete(client, int(seq)-1, int(seq))
	}
	for seq := uint32(len(client) + 1); seq <= new.len; seq++ {
		client = append(client, new.At(seq))
	}
	for _, seq := range d.flags {
		client[seq-1] = new.At(seq)
	}
	for i, e := range client {
		if e != new.At(uint32(i+1)) {
			t.Fatalf("a client has %+v as number %d, the snapshot %+v", e, i+1, new.At(uint32(i+1)))
		}
	}
	if len(client) != new.Len() {
		t.Fatalf("a client has %d messages, the snapshot %d", len(client), new.Len())
	}
}

func TestRange(t *testing.T) {
	s := (&Snapshot{}).apply(&change{modseq: 1, placed: entries(1, 600)})
	for _, c := range []struct{ from, to, first, last uint32 }{
		{1, 600, 1, 600}, {0, 1, 1, 1}, {256, 257, 256, 257}, {512, 9999, 512, 600}, {600, 600, 600, 600},
	} {
		var seqs []uint32
		for n := range s.Range(c.from, c.to) {
			seqs = append(seqs, n)
		}
		if len(seqs) == 0 || seqs[0] != c.first || seqs[len(seqs)-1] != c.last || len(seqs) != int(c.last-c.first+1) {
			t.Errorf("Range(%d, %d) = %v", c.from, c.to, seqs)
		}
	}
	for n := range s.Range(601, 700) {
		t.Errorf("Range beyond the end gives %d", n)
	}
	for n := range (&Snapshot{}).All() {
		t.Errorf("an empty snapshot gives %d", n)
	}
}

func entries(from, to UID) (all []Entry) {
	for u := from; u <= to; u++ {
		all = append(all, Entry{UID: u, ModSeq: 1})
	}
	return all
}

// TestSnapshotsShareChunks shows that a new message in a large mailbox costs
// one chunk, and so does a flag.
func TestSnapshotsShareChunks(t *testing.T) {
	s := (&Snapshot{}).apply(&change{modseq: 1, placed: entries(1, 100_000)})
	for _, c := range []*change{
		{modseq: 2, placed: []Entry{{UID: 100_001, ModSeq: 2}}},
		{modseq: 2, placed: []Entry{{UID: 50_000, ModSeq: 2, Flags: Seen}}},
		{modseq: 2, expunged: []UID{50_000}},
	} {
		next := s.apply(c)
		own := 0
		for _, chunk := range next.chunks {
			if !slices.ContainsFunc(s.chunks, chunk.same) {
				own++
			}
		}
		if own > 1 {
			t.Errorf("%+v made %d new chunks of %d", *c, own, len(next.chunks))
		}
	}
}
