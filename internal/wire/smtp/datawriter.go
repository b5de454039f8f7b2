package smtp

import "io"

// DataWriter writes a message as DATA wants it: dots stuffed, the final dot
// added by Close. It writes to w in small pieces; w should be buffered.
type DataWriter struct {
	w     io.Writer
	place place
}

// NewDataWriter writes one message to w.
func NewDataWriter(w io.Writer) *DataWriter { return &DataWriter{w: w} }

// Write refuses a bare CR or LF with ErrBareCR or ErrBareLF, so that no
// message can smuggle another one outwards. What precedes it in p may have
// been written by then: the connection is to be closed.
func (w *DataWriter) Write(p []byte) (int, error) {
	start := 0
	for i, c := range p {
		switch {
		case w.place == afterCR && c != '\n':
			return start, ErrBareCR
		case w.place != afterCR && c == '\n':
			return start, ErrBareLF
		case w.place == lineStart && c == '.':
			if _, err := w.w.Write(p[start:i]); err != nil {
				return start, err
			}
			if _, err := w.w.Write([]byte{'.'}); err != nil {
				return start, err
			}
			start = i
		}
		switch c {
		case '\r':
			w.place = afterCR
		case '\n':
			w.place = lineStart
		default:
			w.place = inLine
		}
	}
	if _, err := w.w.Write(p[start:]); err != nil {
		return start, err
	}
	return len(p), nil
}

// Close ends the last line, if it is open, and writes the final dot.
func (w *DataWriter) Close() error {
	end := ".\r\n"
	switch w.place {
	case afterCR:
		return ErrBareCR
	case inLine:
		end = "\r\n" + end
	}
	_, err := io.WriteString(w.w, end)
	return err
}
