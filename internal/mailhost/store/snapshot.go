package store

import "iter"

// An Entry is what a snapshot knows of a message.
type Entry struct {
	UID    UID
	ModSeq ModSeq
	Flags  Flags
}

// A Snapshot is a mailbox at one moment. It never changes. Sequence numbers
// count from 1.
type Snapshot struct{}

// Len is the number of messages.
func (s *Snapshot) Len() int { return 0 }

// ModSeq is the last change that the snapshot has seen.
func (s *Snapshot) ModSeq() ModSeq { return 0 }

// At returns the message with that sequence number; it must be in 1 to Len.
func (s *Snapshot) At(seq uint32) Entry { return Entry{} }

// SeqOf returns the sequence number of a message.
func (s *Snapshot) SeqOf(uid UID) (seq uint32, ok bool) { return 0, false }

// Ceil returns the lowest sequence number whose UID is at least uid; Len+1
// where there is none.
func (s *Snapshot) Ceil(uid UID) uint32 { return 0 }

// Last is the highest UID; 0 where there is no message.
func (s *Snapshot) Last() UID { return 0 }

// Range yields the messages from one sequence number to another, both
// included, cut to 1 to Len.
func (s *Snapshot) Range(from, to uint32) iter.Seq2[uint32, Entry] {
	return func(func(uint32, Entry) bool) {}
}

// All yields all messages by sequence number.
func (s *Snapshot) All() iter.Seq2[uint32, Entry] { return s.Range(1, uint32(s.Len())) }
