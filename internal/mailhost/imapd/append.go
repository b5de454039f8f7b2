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
// told by then. What is not read of a message is skipped before the next
// command.
func (s *session) append(ctx context.Context, r imap.Append) (string, error) {
	mailbox, err := s.admit(ctx, r)
	if err != nil {
		return "", err
	}
	body, err := s.stage(ctx, r.Message)
	if err != nil {
		return "", err
	}
	defer body.Discard()
	system, keywords := splitFlags(r.Flags)
	placed, err := s.server.Store.Deliver(ctx, store.Interactive, body, []store.Delivery{
		{Mailbox: mailbox, Flags: system, Keywords: keywords, Date: r.Date},
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("APPENDUID %d %d", placed[0].UIDValidity, placed[0].UID), nil
}

// admit finds the mailbox and says what is wrong before the message is read.
func (s *session) admit(ctx context.Context, r imap.Append) (store.MailboxID, error) {
	mailbox, err := s.server.Store.MailboxByName(ctx, s.account.ID, r.Mailbox)
	switch {
	case errors.Is(err, store.ErrNoMailbox):
		return 0, no("TRYCREATE", "there is no such mailbox; CREATE it first")
	case err != nil:
		return 0, err
	case r.Message.Size == 0:
		return 0, no("CANNOT", "a message without an octet is none")
	case r.Message.Size > s.server.MessageSize:
		return 0, no("TOOBIG", fmt.Sprintf("the message is larger than %d octets", s.server.MessageSize))
	}
	return mailbox.ID, nil
}

// stage reads the message into the store, and the end of the command.
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
	var syntax *imap.SyntaxError
	switch err := message.Finish(); {
	case errors.As(err, &syntax):
		return nil, bad(syntax.Text)
	case err != nil:
		return nil, s.misread(err)
	}
	return staging.Finish()
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
