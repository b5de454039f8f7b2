package door

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzLine reads any bytes, in pieces of any size, and compares with the rule
// said in one expression: a line is what stands before CRLF, no other CR or LF
// in it, within the limit.
func FuzzLine(f *testing.F) {
	f.Add([]byte("a\r\nb\n\rc\r\n\r\n"), uint8(3), uint16(10))
	f.Add(bytes.Repeat([]byte("x"), 10000), uint8(200), uint16(5000))
	f.Add([]byte("\r\r\n\n\r\n\x00"), uint8(1), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, step uint8, limit uint16) {
		rest := data
		in := &input{fill: func(p []byte) (int, error) {
			if len(rest) == 0 {
				return 0, io.EOF
			}
			n := copy(p[:min(len(p), int(step)+1)], rest)
			rest = rest[n:]
			return n, nil
		}}
		for at := 0; ; {
			line, err := in.line(int(limit))
			want, next, wantErr := nextLine(data, at, int(limit))
			if !errors.Is(err, wantErr) || !bytes.Equal(line, want) {
				t.Fatalf("at %d: got %q, %v; want %q, %v", at, line, err, want, wantErr)
			}
			if in.ended {
				if next-at < maxSkip {
					t.Fatalf("gave up after %d bytes", next-at)
				}
				return
			}
			if wantErr == io.EOF || wantErr == io.ErrUnexpectedEOF {
				return
			}
			at = next
		}
	})
}

func nextLine(data []byte, at, limit int) (line []byte, next int, err error) {
	end := bytes.IndexByte(data[at:], '\n')
	if end < 0 {
		if at == len(data) {
			return nil, at, io.EOF
		}
		return nil, at, io.ErrUnexpectedEOF
	}
	next = at + end + 1
	whole := data[at:next]
	text, crlf := bytes.CutSuffix(whole, []byte("\r\n"))
	switch {
	case len(whole) > limit+2:
		return nil, next, ErrLineTooLong
	case !crlf:
		return nil, next, ErrBareLF
	case bytes.IndexByte(text, '\r') >= 0:
		return nil, next, ErrBareCR
	}
	return text, next, nil
}
