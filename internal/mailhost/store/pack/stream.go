package pack

import "hash/crc32"

// A Stream writes one record, of a size that is not yet known, into a segment
// of its own.
type Stream struct {
	p       *Pack
	s       *segment
	sum     uint32
	written int64
}

// Stream begins a record. Finish or Discard must follow.
func (p *Pack) Stream() (*Stream, error) {
	s, err := p.create()
	if err != nil {
		return nil, err
	}
	return &Stream{p: p, s: s}, nil
}

// Write adds b to the record.
func (w *Stream) Write(b []byte) (int, error) {
	n, err := w.s.file.WriteAt(b, headSize+w.written)
	w.sum = crc32.Update(w.sum, castagnoli, b[:n])
	w.written += int64(n)
	return n, err
}

// Finish makes the record durable and returns a Reader of it. After an error
// the record is gone.
func (w *Stream) Finish() (*Reader, error) {
	h := seal(w.written, recordID(w.s.number, 0), w.sum)
	_, err := w.s.file.WriteAt(h.append(nil), 0)
	if err == nil {
		err = w.s.file.Sync()
	}
	if err == nil {
		err = w.p.fs.SyncDir(w.p.dir)
	}
	if err != nil {
		w.Discard()
		return nil, err
	}
	return &Reader{p: w.p, s: w.s, ref: Ref{Segment: w.s.number, Offset: headSize, Size: w.written}}, nil
}

// Discard gives up the record.
func (w *Stream) Discard() {
	w.p.release(w.s)
	w.p.Remove(w.s.number)
}
