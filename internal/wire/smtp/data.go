package smtp

import (
	"bytes"
	"errors"
	"io"
)

// ErrBareCR and ErrBareLF are the two ways in which a message can hide a
// second one from one of two servers (SMTP smuggling, RFC 5321 §2.3.8).
var (
	ErrBareCR = errors.New("smtp: message has a carriage return that no line feed follows; lines end with CR LF")
	ErrBareLF = errors.New("smtp: message has a line feed that no carriage return precedes; lines end with CR LF")
)

// Source is where a DataReader reads from. A *bufio.Reader is one.
type Source interface {
	// Peek returns the next n bytes without taking them.
	Peek(n int) ([]byte, error)
	// Discard takes n bytes.
	Discard(n int) (int, error)
	// Buffered is how many bytes Peek can return without waiting.
	Buffered() int
}

// place is where in the text a byte stands.
type place int

const (
	lineStart place = iota
	inLine
	afterCR
	afterDot   // a dot at the start of a line, not yet passed on
	afterDotCR // "." CR at the start of a line
)

// DataReader reads the text that follows DATA (RFC 5321 §4.5.2).
//
// Servers that also take LF "." LF, or CR "." CR, for the end let an attacker
// write one message that another server forwards whole and this one cuts in
// two, the second with an envelope of the attacker's choice. So there is one
// end only, and a message with any other line end is refused altogether.
type DataReader struct {
	src   Source
	place place
	err   error
}

// NewDataReader reads one message from src.
func NewDataReader(src Source) *DataReader { return &DataReader{src: src} }

// Read returns the message's exact bytes, dots unstuffed, the CRLF before the
// final dot included, and io.EOF after it. Only CR LF "." CR LF ends the
// message, and nothing after that is taken from the source. A bare CR or LF is
// ErrBareCR or ErrBareLF; the end of the source inside the message is
// io.ErrUnexpectedEOF. Every error is final.
func (r *DataReader) Read(p []byte) (int, error) {
	n := 0
	for n == 0 && r.err == nil && len(p) > 0 {
		if _, err := r.src.Peek(1); err != nil {
			r.err = unexpected(err)
			break
		}
		chunk, err := r.src.Peek(r.src.Buffered())
		if err != nil {
			r.err = unexpected(err)
			break
		}
		var taken int
		n, taken = r.decode(p, chunk)
		if _, err := r.src.Discard(taken); err != nil && r.err == nil {
			r.err = err
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, r.err
}

// decode moves bytes from src to dst until one of them is at its end or r.err
// is set, and says how many it wrote and took.
func (r *DataReader) decode(dst, src []byte) (n, taken int) {
	for taken < len(src) && n < len(dst) && r.err == nil {
		if r.place == inLine {
			run := lineRun(src[taken:], len(dst)-n)
			copy(dst[n:], src[taken:taken+run])
			n, taken = n+run, taken+run
			if run > 0 {
				continue
			}
		}
		c := src[taken]
		taken++
		if r.step(c) {
			dst[n] = c
			n++
		}
	}
	return n, taken
}

// lineRun is the length of the longest start of b, at most limit, that has
// neither CR nor LF.
func lineRun(b []byte, limit int) int {
	b = b[:min(len(b), limit)]
	if i := bytes.IndexByte(b, '\r'); i >= 0 {
		b = b[:i]
	}
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	return len(b)
}

// step moves on by one byte and says whether the byte belongs to the message.
func (r *DataReader) step(c byte) (keep bool) {
	switch {
	case r.place == afterCR && c == '\n':
		r.place = lineStart
	case r.place == afterDotCR && c == '\n':
		r.err = io.EOF
		return false
	case r.place == afterCR || r.place == afterDotCR:
		r.err = ErrBareCR
		return false
	case c == '\n':
		r.err = ErrBareLF
		return false
	case r.place == afterDot && c == '\r':
		r.place = afterDotCR
		return false
	case c == '\r':
		r.place = afterCR
	case r.place == lineStart && c == '.':
		r.place = afterDot
		return false
	default:
		r.place = inLine
	}
	return true
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
