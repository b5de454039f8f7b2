package imap

import (
	"errors"
	"io"
)

// Decoder reads the commands of one client. Between commands it holds nothing
// but its Source.
type Decoder struct {
	src     Source
	proceed func() error
	limits  Limits
}

// NewDecoder returns a Decoder with the limits BeforeLogin. It calls proceed
// when the client waits to be asked for a literal; proceed sends "+ " and
// flushes.
func NewDecoder(src Source, proceed func() error) *Decoder {
	return &Decoder{src: src, proceed: proceed, limits: BeforeLogin}
}

// SetLimits changes the limits for the commands to come.
func (d *Decoder) SetLimits(l Limits) { d.limits = l }

// Next reads a command up to its end or, for APPEND, up to its message. An
// error is a *SyntaxError, after which the next command can be read unless it
// is Fatal, or an error of the Source.
func (d *Decoder) Next() (*Command, error) {
	return nil, errors.New("imap: not read yet")
}

// SyntaxError says why a command could not be understood.
type SyntaxError struct {
	Tag     string // "" where not even the tag could be read
	Command string // name of the command; "" where it is not known
	Text    string // what is wrong, for the client
	Fatal   bool   // the end of the command can't be found: the connection must end
}

func (e *SyntaxError) Error() string { return "imap: " + e.Text }

// Literal is the message of an APPEND on its way in.
type Literal struct {
	Size int64 // octets
	Sync bool  // the client waits for "+ " before it sends

	d *Decoder
}

// Accept asks a waiting client to send. It must be called before Read.
func (l *Literal) Accept() error { return nil }

// Read reads the message's octets, io.EOF after the last.
func (l *Literal) Read(p []byte) (int, error) { return 0, io.EOF }

// Finish reads what follows the message; a *SyntaxError if that is not the end
// of the command. Octets not yet read are skipped, and a client that was never
// asked to send has nothing to finish.
func (l *Literal) Finish() error { return nil }
