package imapd

import (
	"context"
	"errors"
	"fmt"

	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// maxMistakes is how many commands in a row a client may get wrong: whoever
// gets more wrong is no mail program.
const maxMistakes = 20

// session is one client's connection. It is kept small, because thousands of
// them wait at any time.
type session struct {
	server   *Server
	conn     *door.Conn
	commands *imap.Decoder
	account  directory.Account // zero before login
	view     *store.View       // nil where no mailbox is selected
	mistakes int
}

func (s *session) loggedIn() bool { return s.account.ID != 0 }

func (s *session) greet() {
	s.conn.SetState("not-authenticated")
	s.printf("* OK [CAPABILITY %s] %s Postern IMAP is ready (session %s)\r\n",
		s.capabilities(), s.server.Hostname, s.conn.ID())
}

// proceed asks a client that waits to send its literal.
func (s *session) proceed() error {
	s.printf("+ go ahead\r\n")
	return s.conn.Flush()
}

// next reads one command and answers it. Its error ends the session.
func (s *session) next(ctx context.Context) error {
	cmd, err := s.commands.Next()
	if err != nil {
		return s.misread(err)
	}
	code, err := s.perform(ctx, cmd)
	switch {
	case errors.Is(err, errSaid):
		return nil
	case err != nil:
		return s.failed(cmd, err)
	}
	s.mistakes = 0
	if code != "" {
		code = "[" + code + "] "
	}
	s.printf("%s OK %s%s completed\r\n", cmd.Tag, code, cmd.Request.Name())
	return nil
}

// perform checks that the command may be given now, executes it, and tells
// what else has happened to the mailbox. The code is the response code of the
// command's OK.
func (s *session) perform(ctx context.Context, cmd *imap.Command) (code string, err error) {
	if err := s.allow(cmd.Request); err != nil {
		return "", err
	}
	code, err = s.execute(ctx, cmd)
	if errors.As(err, new(*ending)) {
		return "", err
	}
	if gone := s.update(mayExpunge(cmd.Request)); gone != nil {
		return "", gone
	}
	return code, err
}

// printf puts a line behind the answer that is being made. A failure to send
// it is found when the answer is sent.
func (s *session) printf(format string, args ...any) {
	fmt.Fprintf(s.conn, format, args...)
}

// write puts octets behind the answer; its error ends the session.
func (s *session) write(b []byte) error {
	if _, err := s.conn.Write(b); err != nil {
		return lost(err)
	}
	return nil
}
