package imapd

import (
	"context"
	"errors"
	"strings"

	"postern/internal/mailhost/door"
	"postern/internal/wire/imap"
)

// idle answers IDLE, RFC 2177: until the client says DONE it is told at once
// what happens to the selected mailbox. The session waits in the goroutine
// that it has anyhow, and the store wakes it.
func (s *session) idle(ctx context.Context) (string, error) {
	s.printf("+ idling\r\n")
	s.conn.SetState("idle")
	defer s.conn.SetState(s.state())
	if s.view != nil {
		s.view.OnChange(s.conn.Wake)
		defer func() {
			if s.view != nil {
				s.view.OnChange(nil)
			}
		}()
	}
	for {
		// Once before the first wait: what came between the last command and
		// OnChange woke nobody.
		if err := s.update(true); err != nil {
			return "", err
		}
		err := s.conn.Idle(ctx, door.CommandIMAP)
		switch {
		case errors.Is(err, door.ErrWoken):
			continue
		case err != nil:
			return "", lost(err)
		}
		return "", s.done()
	}
}

// done reads the line that ends IDLE.
func (s *session) done() error {
	line, err := s.conn.ReadLine(imap.BeforeLogin.Line)
	if err != nil {
		return s.misread(err)
	}
	if !strings.EqualFold(string(line), "DONE") {
		return bad("expected DONE to end IDLE")
	}
	return nil
}

// state names for the metrics what the session is doing between commands.
func (s *session) state() string {
	switch {
	case s.view != nil:
		return "selected"
	case s.loggedIn():
		return "authenticated"
	}
	return "not-authenticated"
}
