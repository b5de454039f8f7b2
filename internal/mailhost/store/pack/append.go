package pack

import (
	"fmt"
	"hash/crc32"
)

// Append takes the bodies as records and says where they are going to be. The
// next Flush writes them. After an error nothing was taken.
func (p *Pack) Append(bodies ...[]byte) ([]Ref, error) {
	s, err := p.appendable()
	if err != nil {
		return nil, err
	}
	refs := make([]Ref, len(bodies))
	for i, b := range bodies {
		h := seal(int64(len(b)), recordID(s.number, s.records), crc32.Checksum(b, castagnoli))
		p.buffer = append(h.append(p.buffer), b...)
		refs[i] = Ref{Segment: s.number, Offset: s.end + int64(len(p.buffer)-len(b)), Size: int64(len(b))}
		s.records++
	}
	return refs, nil
}

// appendable returns the segment to append to.
func (p *Pack) appendable() (*segment, error) {
	if p.current != nil && p.current.end >= MaxSegment {
		if err := p.abandon(); err != nil {
			return nil, err
		}
	}
	if p.current == nil {
		s, err := p.create()
		if err != nil {
			return nil, err
		}
		p.current, p.newborn, p.synced = s, true, false
	}
	return p.current, nil
}

// Flush makes all that was taken durable, with one write and one fsync. After
// an error the next Append begins a new segment; after ErrSync nobody knows
// what of it is durable.
func (p *Pack) Flush() error {
	if len(p.buffer) == 0 {
		return nil
	}
	s := p.current
	_, err := s.file.WriteAt(p.buffer, s.end)
	if err == nil {
		err = p.sync(s)
	}
	if err != nil {
		p.abandon()
		return err
	}
	s.end += int64(len(p.buffer))
	p.newborn, p.synced = false, true
	p.reset()
	return nil
}

func (p *Pack) sync(s *segment) error {
	err := s.file.Sync()
	if err == nil && p.newborn {
		err = p.fs.SyncDir(p.dir)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSync, err)
	}
	return nil
}

// reset empties the buffer. One that had to become large is not kept.
func (p *Pack) reset() {
	if p.buffer = p.buffer[:0]; cap(p.buffer) > maxBuffer {
		p.buffer = nil
	}
}

// abandon ends appending to the current segment. One that never became
// durable is of no use to anybody.
func (p *Pack) abandon() error {
	p.reset()
	s := p.current
	if s == nil {
		return nil
	}
	p.current = nil
	err := p.release(s)
	if !p.synced {
		p.Remove(s.number)
	}
	return err
}
