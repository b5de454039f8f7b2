package imapd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// append answers APPEND, RFC 3501 §6.3.11. The message goes to the store as it
// comes; a client that waits to be asked is told before it sends what can be
// told by then.
func (s *session) append(ctx context.Context, r imap.Append) (string, error) {
	code, err := s.take(ctx, r)
	if errors.As(err, new(*ending)) {
		return "", err
	}
	if after := r.Message.Finish(); after != nil {
		var syntax *imap.SyntaxError
		if errors.As(after, &syntax) && !syntax.Fatal {
			return "", bad(syntax.Text)
		}
		return "", s.cutOff(err, after)
	}
	return code, err
}

// take brings the message into the mailbox.
func (s *session) take(ctx context.Context, r imap.Append) (string, error) {
	mailbox, err := s.server.Store.MailboxByName(ctx, s.account.ID, r.Mailbox)
	switch {
	case errors.Is(err, store.ErrNoMailbox):
		return "", no("TRYCREATE", "there is no such mailbox; CREATE it first")
	case err != nil:
		return "", err
	case r.Message.Size == 0:
		return "", no("CANNOT", "a message without an octet is none")
	case r.Message.Size > s.server.MessageSize:
		return "", no("TOOBIG", fmt.Sprintf("the message is larger than %d octets", s.server.MessageSize))
	}
	body, err := s.stage(ctx, r.Message)
	if err != nil {
		return "", err
	}
	defer body.Discard()
	system, keywords := splitFlags(r.Flags)
	placed, err := s.server.Store.Deliver(ctx, store.Interactive, body, []store.Delivery{
		{Mailbox: mailbox.ID, Flags: system, Keywords: keywords, Date: r.Date},
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("APPENDUID %d %d", placed[0].UIDValidity, placed[0].UID), nil
}

// stage reads the message to its end into the store.
func (s *session) stage(ctx context.Context, message *imap.Literal) (*store.Body, error) {
	staging, err := s.server.Store.Stage(ctx)
	if err != nil {
		return nil, err
	}
	defer staging.Discard()
	if err := message.Accept(); err != nil {
		return nil, lost(err)
	}
	lines := &lineChecker{to: staging}
	source := &clientReader{from: message}
	if _, err := io.Copy(lines, source); err != nil {
		return nil, source.blame(err)
	}
	if err := lines.finish(); err != nil {
		return nil, err
	}
	return staging.Finish()
}

// cutOff ends a session in the middle of a message that it can't skip.
func (s *session) cutOff(err, after error) error {
	var syntax *imap.SyntaxError
	if !errors.As(after, &syntax) {
		return lost(after)
	}
	text := syntax.Text
	if err != nil {
		text = err.Error()
	}
	s.printf("* BYE %s (session %s)\r\n", text, s.conn.ID())
	return &ending{}
}

// clientReader remembers whether reading failed, which ends the session, or
// writing did, which fails the command.
type clientReader struct {
	from io.Reader
	err  error
}

func (c *clientReader) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

func (c *clientReader) blame(err error) error {
	if c.err != nil {
		return lost(c.err)
	}
	return err
}

// lineChecker passes a message on while its lines end in CRLF and it holds no
// NUL: programs that disagree about where a line ends can be played off
// against each other.
type lineChecker struct {
	to   io.Writer
	last byte
}

func (l *lineChecker) Write(p []byte) (int, error) {
	for _, c := range p {
		switch {
		case c == 0:
			return 0, no("CANNOT", "the message holds a NUL")
		case c == '\n' && l.last != '\r':
			return 0, no("CANNOT", "a line of the message ends in LF instead of CRLF")
		case c != '\n' && l.last == '\r':
			return 0, no("CANNOT", "a line of the message has a CR without LF")
		}
		l.last = c
	}
	return l.to.Write(p)
}

func (l *lineChecker) finish() error {
	if l.last == '\r' {
		return no("CANNOT", "the message ends in CR without LF")
	}
	return nil
}
