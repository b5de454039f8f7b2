package pack

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// smallRecord is up to which size a record is read, and its checksum compared,
// when it is opened.
const smallRecord = 128 << 10

// A Reader reads the bytes of a record. Its segment cannot be removed until it
// is closed. ReadAt may be called from many goroutines.
type Reader struct {
	p    *Pack
	s    *segment
	ref  Ref
	body []byte // all of it, if it is small
}

// Read opens a record. It fails with ErrDamaged if the record's head, or the
// bytes of a small record, are not what was written.
func (p *Pack) Read(ref Ref) (*Reader, error) {
	s, err := p.acquire(ref.Segment)
	if err != nil {
		return nil, err
	}
	r := &Reader{p: p, s: s, ref: ref}
	if err := r.begin(); err != nil {
		p.release(s)
		return nil, fmt.Errorf("%s at %d: %w", p.path(ref.Segment), ref.Offset, err)
	}
	return r, nil
}

func (r *Reader) begin() error {
	if r.ref.Offset < headSize || r.ref.Size < 0 {
		return fmt.Errorf("%w: no record can have %d bytes there", ErrDamaged, r.ref.Size)
	}
	n := int64(headSize)
	small := r.ref.Size <= smallRecord
	if small {
		n += r.ref.Size
	}
	buf := make([]byte, n)
	if err := readFull(r.s.file, buf, r.ref.Offset-headSize); err != nil {
		return err
	}
	h, err := parseHead(buf, r.ref)
	if err != nil || !small {
		return err
	}
	r.body = buf[headSize:]
	if h.crc != h.checksum(crc32.Checksum(r.body, castagnoli)) {
		return fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
	}
	return nil
}

// Verify compares the checksum of the whole record.
func (r *Reader) Verify() error {
	var b [headSize]byte
	if err := readFull(r.s.file, b[:], r.ref.Offset-headSize); err != nil {
		return err
	}
	h, err := parseHead(b[:], r.ref)
	if err != nil {
		return err
	}
	sum := crc32.New(castagnoli)
	if _, err := io.Copy(sum, io.NewSectionReader(r.s.file, r.ref.Offset, r.ref.Size)); err != nil {
		return err
	}
	if h.crc != h.checksum(sum.Sum32()) {
		return fmt.Errorf("%s at %d: %w: its checksum is wrong", r.p.path(r.ref.Segment), r.ref.Offset, ErrDamaged)
	}
	return nil
}

// readFull fills b; a file that ends before is a damaged one.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: the segment ends before it does", ErrDamaged)
	}
	return err
}

// Ref says where the record is.
func (r *Reader) Ref() Ref { return r.ref }

// Size is the number of bytes.
func (r *Reader) Size() int64 { return r.ref.Size }

// ReadAt reads the record's bytes.
func (r *Reader) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off >= r.ref.Size {
		return 0, io.EOF
	}
	if r.body != nil {
		n := copy(b, r.body[off:])
		return n, eofIf(n < len(b))
	}
	short := int64(len(b)) > r.ref.Size-off
	if short {
		b = b[:r.ref.Size-off]
	}
	n, err := r.s.file.ReadAt(b, r.ref.Offset+off)
	if n == len(b) {
		return n, eofIf(short)
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s: %w: the segment ends before the record", r.p.path(r.ref.Segment), ErrDamaged)
	}
	return n, err
}

func eofIf(end bool) error {
	if end {
		return io.EOF
	}
	return nil
}

// Close lets go of the segment.
func (r *Reader) Close() error { return r.p.release(r.s) }

// Discard closes the Reader and removes its segment, if nobody else uses it.
// It is for a record that has a segment of its own and no row that refers to
// it.
func (r *Reader) Discard() error {
	r.Close()
	return r.p.Remove(r.ref.Segment)
}
