package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"postern/internal/mailhost/store/pack"
	"postern/internal/wire/message"
)

// inMemory is up to which size a staged message stays in memory.
const inMemory = 128 << 10

// firstRoom is what a message gets to begin with. Most need no more.
const firstRoom = 16 << 10

// rooms are those that nobody uses.
var rooms = sync.Pool{New: func() any { return new([firstRoom]byte) }}

// A budget is memory that staged messages share.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take takes n bytes, or reports that there are not that many.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) <= b.limit {
		return true
	}
	b.used.Add(-n)
	return false
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// A Staging takes the bytes of one message before anything points at them. A
// small message stays in memory as long as there is some; any other is
// written to a segment of its own.
type Staging struct {
	s      *Store
	memory []byte
	taken  int64        // of the budget
	stream *pack.Stream // set once memory was not enough
	size   int64
	done   bool
}

// Stage begins a message. The caller writes its bytes, then calls Finish or
// Discard.
func (s *Store) Stage(ctx context.Context) (*Staging, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	if s.db == nil {
		return nil, ErrStopped
	}
	return &Staging{s: s}, nil
}

// Write adds p to the message.
func (g *Staging) Write(p []byte) (int, error) {
	if g.stream == nil && !g.fits(len(p)) {
		if err := g.spill(); err != nil {
			return 0, fmt.Errorf("stage a message on disk: %w", err)
		}
	}
	if g.stream == nil {
		g.memory = append(g.memory, p...)
		g.size += int64(len(p))
		return len(p), nil
	}
	n, err := g.stream.Write(p)
	g.size += int64(n)
	return n, err
}

// fits makes room in memory for n bytes more, if there may be any.
func (g *Staging) fits(n int) bool {
	need := len(g.memory) + n
	if need <= cap(g.memory) {
		return true
	}
	if need > inMemory {
		return false
	}
	room := firstRoom
	for room < need {
		room *= 2
	}
	if !g.s.memory.take(int64(room - cap(g.memory))) {
		return false
	}
	g.taken += int64(room - cap(g.memory))
	larger := newRoom(room)
	larger = append(larger, g.memory...)
	recycle(g.memory)
	g.memory = larger
	return true
}

func newRoom(size int) []byte {
	if size == firstRoom {
		return rooms.Get().(*[firstRoom]byte)[:0]
	}
	return make([]byte, 0, size)
}

// recycle takes back memory that nobody looks at any more.
func recycle(b []byte) {
	if cap(b) == firstRoom {
		rooms.Put((*[firstRoom]byte)(b[:firstRoom]))
	}
}

// spill moves to disk what is in memory.
func (g *Staging) spill() error {
	stream, err := g.s.pack.Stream()
	if err != nil {
		return err
	}
	if _, err := stream.Write(g.memory); err != nil {
		stream.Discard()
		return err
	}
	g.stream = stream
	g.free()
	return nil
}

// free gives the memory back.
func (g *Staging) free() {
	recycle(g.memory)
	g.memory = nil
	g.s.memory.give(g.taken)
	g.taken = 0
}

// Size is how many bytes were written so far.
func (g *Staging) Size() int64 { return g.size }

// Finish parses the message and returns it as a Body, durable when it is a
// large one. The Staging is used up, also by an error.
func (g *Staging) Finish() (*Body, error) {
	b := &Body{s: g.s, size: g.size}
	if g.stream != nil {
		stream := g.stream
		g.stream, g.done = nil, true
		reader, err := stream.Finish()
		if err != nil {
			return nil, fmt.Errorf("make a staged message durable: %w", err)
		}
		b.large, b.ref, b.stored = reader, reader.Ref(), true
	} else {
		b.memory, b.taken = g.memory, g.taken
		g.memory, g.taken, g.done = nil, 0, true
	}
	if err := b.parse(); err != nil {
		b.Discard()
		return nil, err
	}
	return b, nil
}

// Discard gives up the message. After Finish it does nothing.
func (g *Staging) Discard() {
	if g.done {
		return
	}
	g.done = true
	g.free()
	if g.stream != nil {
		g.stream.Discard()
		g.stream = nil
	}
}

// A Body is a staged message that can be delivered. Discard must be called in
// the end, also after Deliver. It is for one goroutine.
type Body struct {
	s    *Store
	size int64
	part *message.Part

	memory []byte // the bytes of a small message
	taken  int64  // of the budget
	large  *pack.Reader
	ref    pack.Ref
	stored bool // the bytes are durable at ref
	kept   bool // a row refers to it, or may do so

	envelope, structure, signature []byte // as the rows have them
}

func (b *Body) parse() error {
	var r io.ReaderAt = bytes.NewReader(b.memory)
	if b.large != nil {
		r = b.large
	}
	var err error
	if b.part, err = message.Parse(r, b.size); err != nil {
		return fmt.Errorf("read a staged message: %w", err)
	}
	if b.signature, err = message.Signature(r, b.part); err != nil {
		return fmt.Errorf("read a staged message: %w", err)
	}
	b.envelope = message.AppendEnvelope([]byte{}, b.part.Envelope)
	b.structure = message.AppendTree([]byte{}, b.part)
	return nil
}

// Size is the message's size in bytes.
func (b *Body) Size() int64 { return b.size }

// Message is the message's part tree.
func (b *Body) Message() *message.Part { return b.part }

// ReadAt reads the message's bytes.
func (b *Body) ReadAt(p []byte, off int64) (int, error) {
	if b.large != nil {
		return b.large.ReadAt(p, off)
	}
	return bytes.NewReader(b.memory).ReadAt(p, off)
}

// Discard releases what the Body holds. A message that was delivered stays.
func (b *Body) Discard() {
	recycle(b.memory)
	b.s.memory.give(b.taken)
	b.taken, b.memory = 0, nil
	switch {
	case b.large == nil:
	case b.kept:
		b.large.Close()
	default:
		b.large.Discard()
	}
	b.large = nil
}
