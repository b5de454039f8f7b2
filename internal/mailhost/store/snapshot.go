package store

import (
	"iter"
	"sort"
)

// An Entry is what a snapshot knows of a message.
type Entry struct {
	UID    UID
	ModSeq ModSeq
	Flags  Flags
}

// A Snapshot is a mailbox at one moment. It never changes. Sequence numbers
// count from 1.
//
// It is a spine of chunks of up to 256 entries in order of their UIDs.
// Snapshots that follow one another share all chunks but those in which
// something is different.
type Snapshot struct {
	chunks []chunk
	before []uint32 // how many entries are in the chunks before each
	len    uint32
	modseq ModSeq
}

// A chunk is a part of a mailbox, never empty, never changed.
type chunk []Entry

const chunkSize = 256

// same reports whether two chunks are one.
func (c chunk) same(d chunk) bool { return len(c) == len(d) && &c[0] == &d[0] }

func (c chunk) last() UID { return c[len(c)-1].UID }

// Len is the number of messages.
func (s *Snapshot) Len() int { return int(s.len) }

// ModSeq is the last change that the snapshot has seen.
func (s *Snapshot) ModSeq() ModSeq { return s.modseq }

// At returns the message with that sequence number; it must be in 1 to Len.
func (s *Snapshot) At(seq uint32) Entry {
	i := s.chunkOf(seq)
	return s.chunks[i][seq-1-s.before[i]]
}

// chunkOf returns the index of the chunk that has a sequence number.
func (s *Snapshot) chunkOf(seq uint32) int {
	return sort.Search(len(s.before), func(i int) bool { return s.before[i] >= seq }) - 1
}

// SeqOf returns the sequence number of a message.
func (s *Snapshot) SeqOf(uid UID) (seq uint32, ok bool) {
	seq = s.Ceil(uid)
	return seq, seq <= s.len && s.At(seq).UID == uid
}

// Ceil returns the lowest sequence number whose UID is at least uid; Len+1
// where there is none.
func (s *Snapshot) Ceil(uid UID) uint32 {
	i := sort.Search(len(s.chunks), func(i int) bool { return s.chunks[i].last() >= uid })
	if i == len(s.chunks) {
		return s.len + 1
	}
	c := s.chunks[i]
	return s.before[i] + 1 + uint32(sort.Search(len(c), func(j int) bool { return c[j].UID >= uid }))
}

// Last is the highest UID; 0 where there is no message.
func (s *Snapshot) Last() UID {
	if s.len == 0 {
		return 0
	}
	return s.chunks[len(s.chunks)-1].last()
}

// Range yields the messages from one sequence number to another, both
// included, cut to 1 to Len.
func (s *Snapshot) Range(from, to uint32) iter.Seq2[uint32, Entry] {
	return func(yield func(uint32, Entry) bool) {
		seq := max(from, 1)
		if seq > min(to, s.len) {
			return
		}
		for i := s.chunkOf(seq); i < len(s.chunks); i++ {
			for _, e := range s.chunks[i][seq-1-s.before[i]:] {
				if seq > to || !yield(seq, e) {
					return
				}
				seq++
			}
		}
	}
}

// All yields all messages by sequence number.
func (s *Snapshot) All() iter.Seq2[uint32, Entry] { return s.Range(1, s.len) }
