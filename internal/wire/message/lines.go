package message

import (
	"bufio"
	"bytes"
	"io"
	"sync"
)

// A lineReader reads lines that end in LF, of any length, and keeps count of
// where they stand.
type lineReader struct {
	r *bufio.Reader
	// text is the line without its line break, at most MaxField bytes of it,
	// valid until the next call of next.
	text []byte
	// start and end are the line's place; end is known only when partial is
	// not set. partial says that the line is longer than text.
	start, end int64
	partial    bool
	// eol is the length of the line break: 2 for CRLF, 1 for LF, 0 at the end
	// of the source.
	eol int
	// breaks is how many line breaks were read.
	breaks int64
	// prev is the line before.
	prev span
	err  error
}

// A span is the length of a line without its line break, and of that.
type span struct {
	length int64
	eol    int
}

var lineBuffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, MaxField) }}

func newLineReader(r io.Reader) *lineReader {
	buf := lineBuffers.Get().(*bufio.Reader)
	buf.Reset(r)
	return &lineReader{r: buf}
}

// close gives the buffer back; text is not valid after it.
func (l *lineReader) close() {
	l.r.Reset(nil)
	lineBuffers.Put(l.r)
	l.r, l.text = nil, nil
}

// next reads a line. It returns false at the end of the source and on an
// error, which err then holds.
func (l *lineReader) next() bool {
	l.finish()
	if l.err != nil {
		return false
	}
	l.prev = span{l.end - l.start - int64(l.eol), l.eol}
	l.start, l.text, l.eol = l.end, nil, 0
	chunk, err := l.r.ReadSlice('\n')
	if len(chunk) == 0 && err != nil {
		l.fail(err)
		return false
	}
	l.partial = err == bufio.ErrBufferFull
	if !l.partial {
		l.fail(err)
	}
	l.end += int64(len(chunk))
	l.text, l.eol = cutBreak(chunk)
	if l.eol > 0 {
		l.breaks++
	}
	return true
}

// finish skips what next left of a long line.
func (l *lineReader) finish() {
	for l.partial {
		cr := bytes.HasSuffix(l.text, []byte("\r"))
		chunk, err := l.r.ReadSlice('\n')
		l.end += int64(len(chunk))
		l.text, l.eol = cutBreak(chunk)
		if cr && l.eol == 1 && len(chunk) == 1 {
			l.eol = 2
		}
		if l.eol > 0 {
			l.breaks++
		}
		if err != bufio.ErrBufferFull {
			l.partial = false
			l.fail(err)
		}
	}
}

func (l *lineReader) fail(err error) {
	if err != nil && err != io.EOF {
		l.err = err
	}
}

// cutBreak returns the line without its line break, and that one's length.
func cutBreak(line []byte) (text []byte, eol int) {
	switch {
	case bytes.HasSuffix(line, []byte("\r\n")):
		return line[:len(line)-2], 2
	case bytes.HasSuffix(line, []byte("\n")):
		return line[:len(line)-1], 1
	}
	return line, 0
}
