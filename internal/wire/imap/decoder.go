package imap

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// Decoder reads the commands of one client. Between commands it holds nothing
// but its Source.
type Decoder struct {
	src     Source
	proceed func() error
	limits  Limits
	message *Literal // of the last command, where it was not finished
}

// NewDecoder returns a Decoder with the limits BeforeLogin. It calls proceed
// when the client waits to be asked for a literal; proceed sends "+ " and
// flushes.
func NewDecoder(src Source, proceed func() error) *Decoder {
	return &Decoder{src: src, proceed: proceed, limits: BeforeLogin}
}

// SetLimits changes the limits for the commands to come.
func (d *Decoder) SetLimits(l Limits) { d.limits = l }

// SyntaxError says why a command could not be understood.
type SyntaxError struct {
	Tag     string // "" where not even the tag could be read
	Command string // name of the command; "" where it is not known
	Text    string // what is wrong, for the client
	Fatal   bool   // the end of the command can't be found: the connection must end
}

func (e *SyntaxError) Error() string { return "imap: " + e.Text }

// Next reads a command up to its end or, for APPEND, up to its message. It
// finishes a message that the caller has left, so that no message is ever
// taken for commands. An error is a *SyntaxError, after which the next command
// can be read unless it is Fatal, or an error of the Source.
func (d *Decoder) Next() (*Command, error) {
	if d.message != nil {
		if err := d.message.Finish(); err != nil {
			return nil, err
		}
	}
	p := &parser{d: d, budget: d.limits.Command}
	p.nextLine()
	cmd := p.command()
	if p.err == nil {
		if a, ok := cmd.Request.(Append); ok {
			d.message = a.Message
		}
		return cmd, nil
	}
	var syntax *SyntaxError
	if errors.As(p.err, &syntax) {
		syntax.Tag, syntax.Command = p.tag, p.name
		if err := d.resync(p.line, syntax); err != nil {
			return nil, err
		}
	}
	return nil, p.err
}

// resync finds the end of a command that was not understood: a client that
// does not wait for "+ " sends the literals it announced, whatever we answer.
func (d *Decoder) resync(line []byte, syntax *SyntaxError) error {
	allowance := int64(d.limits.Command) + d.limits.Message
	for {
		size, sync, ok := literalAtEnd(line)
		if !ok || sync {
			return nil
		}
		allowance -= size + int64(len(line))
		if allowance < 0 {
			syntax.Fatal = true
			return nil
		}
		if _, err := io.CopyN(io.Discard, d.src, size); err != nil {
			return noEOF(err)
		}
		var err error
		if line, err = d.src.ReadLine(d.limits.Line); err != nil {
			return noEOF(err)
		}
	}
}

// literalAtEnd finds the announcement of a literal at the end of a line:
// {12}, or {12+} for one that the client sends without waiting. A size that
// is no number a client may send is larger than any limit.
func literalAtEnd(line []byte) (size int64, sync, ok bool) {
	line, ok = bytes.CutSuffix(line, []byte("}"))
	open := bytes.LastIndexByte(line, '{')
	if !ok || open < 0 {
		return 0, false, false
	}
	digits, nonSync := bytes.CutSuffix(line[open+1:], []byte("+"))
	if len(digits) == 0 || bytes.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 32)
	if err != nil {
		return 1 << 40, !nonSync, true
	}
	return int64(n), !nonSync, true
}

// Literal is the message of an APPEND on its way in.
type Literal struct {
	Size int64 // octets, as the client announced them
	Sync bool  // the client waits for "+ " before it sends

	d        *Decoder
	rest     int64 // octets not yet read
	accepted bool
}

// Accept asks a waiting client to send. It must be called before Read.
func (l *Literal) Accept() error {
	if l.accepted {
		return nil
	}
	l.accepted = true
	if !l.Sync {
		return nil
	}
	return l.d.proceed()
}

// Read reads the message's octets, io.EOF after the last.
func (l *Literal) Read(p []byte) (int, error) {
	if !l.accepted {
		return 0, errors.New("imap: the message was read before it was accepted")
	}
	if l.rest == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > l.rest {
		p = p[:l.rest]
	}
	n, err := l.d.src.Read(p)
	l.rest -= int64(n)
	return n, noEOF(err)
}

// Finish reads the end of the command after the message. Octets not yet read
// are skipped; where they are more than the limits allow, and where something
// follows the message, the error is a *SyntaxError. A client that was never
// asked to send has nothing to finish.
func (l *Literal) Finish() error {
	l.d.message = nil
	if l.Sync && !l.accepted {
		return nil
	}
	if l.rest > l.d.limits.Message {
		return &SyntaxError{Command: "APPEND", Text: "message is too big to be skipped", Fatal: true}
	}
	if _, err := io.CopyN(io.Discard, l.d.src, l.rest); err != nil {
		return noEOF(err)
	}
	l.rest = 0
	line, err := l.d.src.ReadLine(l.d.limits.Line)
	if err != nil {
		return noEOF(err)
	}
	if len(line) == 0 {
		return nil
	}
	syntax := &SyntaxError{Command: "APPEND", Text: "expected the end of the line after the message"}
	if err := l.d.resync(line, syntax); err != nil {
		return err
	}
	return syntax
}

// noEOF names an end of the stream within a command for what it is.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
