package imapd

import (
	"errors"

	"postern/internal/fault"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/refuse"
	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// reply is the error of a command that completes with NO or BAD.
type reply struct{ refuse.IMAPReply }

func (r *reply) Error() string { return r.String() }

// errSaid is for commands that have said their tagged response themselves.
var errSaid = errors.New("the command was answered")

// no is a command that was understood and can't be done.
func no(code, text string) error {
	return &reply{refuse.IMAPReply{Cond: imap.No, Code: code, Text: text}}
}

// bad is a command that makes no sense, or not now.
func bad(text string) error {
	return &reply{refuse.IMAPReply{Cond: imap.Bad, Text: text}}
}

// failed completes a command that was not done. Its error ends the session.
func (s *session) failed(cmd *imap.Command, err error) error {
	if errors.As(err, new(*ending)) {
		return err
	}
	r := s.explain(cmd, err)
	s.printf("%s %s\r\n", cmd.Tag, r)
	if r.Cond != imap.Bad {
		s.mistakes = 0
		return nil
	}
	return s.mistaken()
}

// explain says what an error means to the client.
func (s *session) explain(cmd *imap.Command, err error) refuse.IMAPReply {
	var r *reply
	if errors.As(err, &r) {
		return r.IMAPReply
	}
	for _, known := range storeReplies {
		if errors.Is(err, known.err) {
			return refuse.IMAPReply{Cond: imap.No, Code: known.code, Text: known.text}
		}
	}
	if errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrStopped) {
		err = &fault.Error{
			Op: cmd.Request.Name(), Object: s.account.Address, Temporary: true,
			Client: "the mail store is busy; try again in a moment", Err: err,
		}
	}
	var e *fault.Error
	if errors.As(err, &e) && !e.Temporary {
		return refuse.IMAP(err, s.conn.ID()) // login has logged it
	}
	s.conn.Logger().Warn("command failed", "command", cmd.Request.Name(), "account", s.account.Address, "error", err)
	return refuse.IMAP(err, s.conn.ID())
}

// storeReplies are the store's errors that are the client's business.
var storeReplies = []struct {
	err        error
	code, text string
}{
	{store.ErrNoMailbox, "NONEXISTENT", "there is no such mailbox"},
	{store.ErrNoMessage, "EXPUNGEISSUED", "the message is gone"},
	{store.ErrMailboxExists, "ALREADYEXISTS", "there is a mailbox of that name"},
	{store.ErrBadName, "CANNOT", "a mailbox can't have that name"},
	{store.ErrInbox, "CANNOT", "INBOX can't be removed"},
	{store.ErrSpecialUse, "USEATTR", "another mailbox has that special use"},
	{store.ErrKeywords, "LIMIT", "the mailbox has as many keywords as it can have"},
	{store.ErrTooMany, "LIMIT", "the account has as many mailboxes as it can have"},
	{store.ErrReadOnly, "", "the mailbox was opened read-only; SELECT it to change it"},
}

// misread answers what was no command. Its error ends the session.
func (s *session) misread(err error) error {
	var syntax *imap.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return s.syntax(syntax)
	case errors.Is(err, door.ErrLineTooLong), errors.Is(err, door.ErrBareLF), errors.Is(err, door.ErrBareCR):
		// Nobody knows whether that line announced a literal, so that what
		// comes next may be the text of a message.
		s.printf("* BYE %v (session %s)\r\n", err, s.conn.ID())
		return &ending{}
	}
	return lost(err)
}

func (s *session) syntax(e *imap.SyntaxError) error {
	tag := e.Tag
	if tag == "" {
		tag = "*"
	}
	command := e.Command
	if command != "" {
		command += ": "
	}
	s.printf("%s BAD %s%s\r\n", tag, command, e.Text)
	if e.Fatal {
		s.printf("* BYE that can't be skipped (session %s)\r\n", s.conn.ID())
		return &ending{}
	}
	return s.mistaken()
}

// mistaken counts a command that the client got wrong.
func (s *session) mistaken() error {
	if s.mistakes++; s.mistakes < maxMistakes {
		return nil
	}
	s.printf("* BYE %d commands in a row were wrong (session %s)\r\n", s.mistakes, s.conn.ID())
	return &ending{}
}
