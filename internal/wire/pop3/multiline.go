package pop3

import "io"

// Unstuff reads one line of a multi-line response, without its line end: end
// is true for the final dot; otherwise text is the line without its stuffed
// dot (RFC 1939 §3).
func Unstuff(line string) (text string, end bool) {
	if line == "." {
		return "", true
	}
	if line != "" && line[0] == '.' {
		return line[1:], false
	}
	return line, false
}

// BodyWriter writes the text of a multi-line response: dots stuffed, the final
// dot added by Close. It writes to w in small pieces; w should be buffered.
//
// A stored message may hold a bare LF. It goes out as it is, but a dot after it
// is stuffed too: many clients take the LF for a line end, and one that met a
// lone dot there would take it for the end of the message.
type BodyWriter struct {
	w    io.Writer
	last byte
	crlf bool // the last two bytes were CR LF
}

// NewBodyWriter writes one multi-line response to w.
func NewBodyWriter(w io.Writer) *BodyWriter { return &BodyWriter{w: w, last: '\n', crlf: true} }

// Write takes any bytes.
func (b *BodyWriter) Write(p []byte) (int, error) {
	start := 0
	for i, c := range p {
		if c == '.' && b.last == '\n' {
			if _, err := b.w.Write(p[start:i]); err != nil {
				return start, err
			}
			if _, err := b.w.Write([]byte{'.'}); err != nil {
				return start, err
			}
			start = i
		}
		b.crlf = b.last == '\r' && c == '\n'
		b.last = c
	}
	if _, err := b.w.Write(p[start:]); err != nil {
		return start, err
	}
	return len(p), nil
}

// Close ends the last line, if it is open, and writes the final dot.
func (b *BodyWriter) Close() error {
	end := ".\r\n"
	if !b.crlf {
		end = "\r\n" + end
	}
	_, err := io.WriteString(b.w, end)
	return err
}
