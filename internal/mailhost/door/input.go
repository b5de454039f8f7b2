package door

import (
	"bytes"
	"errors"
	"io"
)

// What can be wrong with a line. The line has been read to its end, so the
// session may answer and go on, except after ErrLineTooLong where the rest was
// longer still: the next read then says io.EOF.
var (
	// ErrBareLF says that a line ended with LF alone. It is refused, never
	// repaired: two programs that disagree about where a line ends can be
	// played off against each other.
	ErrBareLF = errors.New("line ends with LF instead of CRLF")

	// ErrBareCR says that a CR stood inside a line, or before another CR.
	ErrBareCR = errors.New("line has a CR that is not followed by LF")

	// ErrLineTooLong says that a line passed the limit given to ReadLine.
	ErrLineTooLong = errors.New("line is too long")
)

// maxSkip is how much of an over-long line is read and thrown away in the hope
// of its end.
const maxSkip = 256 << 10

// input is the reading half of a connection: lines and bytes over a buffer
// that is held only while there is something in it or about to be.
type input struct {
	fill func(p []byte) (int, error) // one read from the socket

	buf    *[bufferSize]byte // nil while nothing is buffered
	r, w   int               // buf[r:w] is unread
	long   []byte            // a line that did not fit into buf
	ended  bool              // nothing more can be understood
	opened bool              // the first line has been looked at
}

// buffered is the number of bytes that can be read without waiting.
func (in *input) buffered() int { return in.w - in.r }

// peek returns what is buffered.
func (in *input) peek() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf[in.r:in.w]
}

// put gives back a byte that was read while no buffer was held.
func (in *input) put(b byte) {
	if in.buf == nil {
		in.buf = takeBuffer()
	}
	in.buf[0], in.r, in.w = b, 0, 1
}

// release gives the buffer back when it is empty.
func (in *input) release() {
	if in.buf != nil && in.r == in.w {
		giveBuffer(in.buf)
		in.buf, in.r, in.w = nil, 0, 0
	}
}

// more reads once from the socket behind what is buffered.
func (in *input) more() error {
	if in.ended {
		return io.EOF
	}
	if in.buf == nil {
		in.buf = takeBuffer()
	}
	if in.r > 0 {
		in.w = copy(in.buf[:], in.buf[in.r:in.w])
		in.r = 0
	}
	n, err := in.fill(in.buf[in.w:])
	in.w += n
	if n > 0 {
		return nil // an error comes back with the next read
	}
	return err
}

// read serves io.Reader: what is buffered first, then the socket directly.
func (in *input) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if in.buffered() > 0 {
		n := copy(p, in.peek())
		in.r += n
		return n, nil
	}
	if in.ended {
		return 0, io.EOF
	}
	if len(p) >= bufferSize {
		return in.fill(p)
	}
	if err := in.more(); err != nil {
		return 0, err
	}
	return in.read(p)
}

// line returns the next line without its CRLF. It stays valid until the next
// call. The limit counts the bytes before the CRLF.
func (in *input) line(limit int) ([]byte, error) {
	in.long = nil
	for {
		chunk := in.peek()
		end := bytes.IndexByte(chunk, '\n')
		if end >= 0 {
			in.r += end + 1
			return in.finish(chunk[:end+1], limit)
		}
		if len(in.long)+len(chunk) > limit+len("\r\n") {
			return nil, in.skip()
		}
		if len(chunk) == bufferSize {
			in.long = append(in.long, chunk...)
			in.r = in.w
		}
		if err := in.more(); err != nil {
			return nil, unexpected(err, len(in.long)+in.buffered())
		}
	}
}

// finish judges a whole line, given with its LF.
func (in *input) finish(tail []byte, limit int) ([]byte, error) {
	line := tail
	if in.long != nil {
		line = append(in.long, tail...)
		in.long = nil
	}
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	switch {
	case len(line) > limit+len("\r\n"):
		return nil, ErrLineTooLong
	case !ok:
		return nil, ErrBareLF
	case bytes.IndexByte(text, '\r') >= 0:
		return nil, ErrBareCR
	}
	return text, nil
}

// skip throws the rest of an over-long line away.
func (in *input) skip() error {
	in.long = nil
	for skipped := 0; skipped < maxSkip; {
		chunk := in.peek()
		if end := bytes.IndexByte(chunk, '\n'); end >= 0 {
			in.r += end + 1
			return ErrLineTooLong
		}
		skipped += len(chunk)
		in.r = in.w
		if err := in.more(); err != nil {
			return unexpected(err, 1)
		}
	}
	in.ended, in.r, in.w = true, 0, 0
	return ErrLineTooLong
}

// unexpected tells the end of the stream inside a line from one between lines.
func unexpected(err error, have int) error {
	if err == io.EOF && have > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}
