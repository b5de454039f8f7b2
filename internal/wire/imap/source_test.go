package imap

import (
	"bufio"
	"errors"
	"io"
)

var errLine = errors.New("line is too long or does not end in CRLF")

// stream is a Source over any bytes. It counts what it had to hold at once.
type stream struct {
	r       *bufio.Reader
	longest int
}

func newStream(r io.Reader) *stream { return &stream{r: bufio.NewReader(r)} }

func (s *stream) Read(p []byte) (int, error) { return s.r.Read(p) }

func (s *stream) ReadLine(limit int) ([]byte, error) {
	var line []byte
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return nil, err
		}
		line = append(line, c)
		s.longest = max(s.longest, len(line))
		if c == '\n' {
			break
		}
		if len(line) > limit+1 {
			return nil, errLine
		}
	}
	if len(line) < 2 || line[len(line)-2] != '\r' {
		return nil, errLine
	}
	return line[:len(line)-2], nil
}
