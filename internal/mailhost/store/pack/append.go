package pack

import (
	"hash/crc32"
)

// Append writes each of the bodies as a record, all in one write, and says
// where they are. They are durable after the next Sync. After an error
// nothing was appended, and the next Append begins a new segment.
func (p *Pack) Append(bodies ...[]byte) ([]Ref, error) {
	s, err := p.appendable()
	if err != nil {
		return nil, err
	}
	size := 0
	for _, b := range bodies {
		size += headSize + len(b)
	}
	buf := make([]byte, 0, size)
	refs := make([]Ref, len(bodies))
	for i, b := range bodies {
		id := recordID(s.number, s.records+int64(i))
		buf = seal(int64(len(b)), id, crc32.Checksum(b, castagnoli)).append(buf)
		refs[i] = Ref{Segment: s.number, Offset: s.end + int64(len(buf)), Size: int64(len(b))}
		buf = append(buf, b...)
	}
	if _, err := s.file.WriteAt(buf, s.end); err != nil {
		p.abandon()
		return nil, err
	}
	s.end += int64(len(buf))
	s.records += int64(len(bodies))
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

// Sync makes all that was appended durable. After an error nobody knows what
// of it is, and the next Append begins a new segment.
func (p *Pack) Sync() error {
	if p.current == nil {
		return nil
	}
	err := p.current.file.Sync()
	if err == nil && p.newborn {
		err = p.fs.SyncDir(p.dir)
	}
	if err != nil {
		p.abandon()
		return err
	}
	p.newborn, p.synced = false, true
	return nil
}

// abandon ends appending to the current segment. One that never became
// durable is of no use to anybody.
func (p *Pack) abandon() error {
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
