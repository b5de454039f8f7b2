package smtp

import (
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
	Peek(n int) ([]byte, error)
	Discard(n int) (int, error)
	Buffered() int
}

// DataReader reads the text that follows DATA (RFC 5321 §4.5.2).
type DataReader struct{ src Source }

// NewDataReader reads one message from src.
func NewDataReader(src Source) *DataReader { return &DataReader{src: src} }

// Read returns the message's exact bytes, dots unstuffed, the CRLF before the
// final dot included, and io.EOF after it. Only CR LF "." CR LF ends the
// message, and nothing after that is taken from the source. A bare CR or LF is
// ErrBareCR or ErrBareLF; the end of the source inside the message is
// io.ErrUnexpectedEOF.
func (r *DataReader) Read(p []byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// DataWriter writes a message as DATA wants it: dots stuffed, the final dot
// added by Close.
type DataWriter struct{ w io.Writer }

// NewDataWriter writes one message to w.
func NewDataWriter(w io.Writer) *DataWriter { return &DataWriter{w: w} }

// Write refuses a bare CR or LF with ErrBareCR or ErrBareLF, so that no
// message can smuggle another one outwards.
func (w *DataWriter) Write(p []byte) (int, error) { return 0, ErrBareLF }

// Close ends the last line, if it is open, and writes the final dot.
func (w *DataWriter) Close() error { return nil }
