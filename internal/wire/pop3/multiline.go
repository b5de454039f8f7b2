package pop3

import "io"

// Unstuff reads one line of a multi-line response, without its line end: end
// is true for the final dot; otherwise text is the line without its stuffed
// dot (RFC 1939 §3).
func Unstuff(line string) (text string, end bool) { return line, false }

// BodyWriter writes the text of a multi-line response: dots stuffed, the final
// dot added by Close. A message may hold a bare LF; a dot after it is stuffed
// too, because many clients take it for a line end.
type BodyWriter struct{ w io.Writer }

// NewBodyWriter writes one multi-line response to w.
func NewBodyWriter(w io.Writer) *BodyWriter { return &BodyWriter{w: w} }

// Write takes any bytes.
func (w *BodyWriter) Write(p []byte) (int, error) { return 0, io.ErrShortWrite }

// Close ends the last line, if it is open, and writes the final dot.
func (w *BodyWriter) Close() error { return nil }
