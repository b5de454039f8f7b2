package popd

import (
	"context"
	"errors"

	"postern/internal/fault"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/refuse"
	"postern/internal/wire/pop3"
)

// maxErrors is how many commands may fail in one session.
const maxErrors = 20

// session is one connection. It is in the AUTHORIZATION state while drop is
// nil, then in the TRANSACTION state (RFC 1939 §3).
type session struct {
	server *Server
	conn   *door.Conn

	user   string // of USER, until PASS
	drop   *maildrop
	errors int
	quit   bool
}

// run speaks with the client from the greeting to the end.
func (x *session) run(ctx context.Context) error {
	x.reply(pop3.OK(x.server.config().Hostname + " POP3 ready"))
	for !x.quit {
		line, err := x.conn.ReadLine(pop3.MaxCommandLine)
		if err == nil {
			err = x.command(ctx, string(line))
		} else {
			err = x.badLine(err)
		}
		if err != nil {
			return err
		}
		if x.errors >= maxErrors && !x.quit {
			return &fault.Error{Op: "serve", Object: "session " + x.conn.ID(), Temporary: true, Client: "too many errors"}
		}
	}
	return nil
}

// badLine answers a line that is none; other errors end the session.
func (x *session) badLine(err error) error {
	switch {
	case errors.Is(err, door.ErrBareLF):
		x.fail("line ends with LF alone; end lines with CR LF")
	case errors.Is(err, door.ErrBareCR):
		x.fail("line has a CR without LF; end lines with CR LF")
	case errors.Is(err, door.ErrLineTooLong):
		x.fail("line is too long")
	default:
		return err
	}
	return nil
}

// command parses and follows one command. Its error ends the session.
func (x *session) command(ctx context.Context, line string) error {
	c, err := pop3.ParseCommand(line)
	var syntax *pop3.SyntaxError
	if errors.As(err, &syntax) {
		x.fail(syntax.Text)
		return nil
	}
	switch c.Verb {
	case pop3.QUIT:
		x.end(ctx)
		return nil
	case pop3.CAPA:
		return x.capabilities()
	}
	if x.drop == nil {
		return x.authorize(ctx, c)
	}
	return x.transact(ctx, c)
}

// authorize follows a command of the AUTHORIZATION state.
func (x *session) authorize(ctx context.Context, c pop3.Command) error {
	switch c.Verb {
	case pop3.STLS:
		return x.startTLS()
	case pop3.USER:
		x.name(ctx, c)
	case pop3.PASS:
		x.pass(ctx, c)
	case pop3.AUTH:
		return x.auth(ctx, c)
	default:
		x.fail("log in first")
	}
	return nil
}

// transact follows a command of the TRANSACTION state. Its error, if it is
// none of the client's, ends the session.
func (x *session) transact(ctx context.Context, c pop3.Command) error {
	switch c.Verb {
	case pop3.STAT:
		x.stat()
	case pop3.LIST:
		return x.list(c)
	case pop3.UIDL:
		return x.uidl(c)
	case pop3.RETR:
		return x.retr(ctx, c)
	case pop3.TOP:
		return x.top(ctx, c)
	case pop3.DELE:
		x.dele(c)
	case pop3.RSET:
		x.rset()
	case pop3.NOOP:
		x.reply(pop3.OK(""))
	default:
		x.fail("you are logged in already")
	}
	return nil
}

// reply puts an answer behind those that wait. It goes out when the session
// next waits for the client, so that pipelined commands share a packet.
func (x *session) reply(s pop3.Status) {
	if !s.OK {
		x.errors++
	}
	x.conn.WriteString(s.String())
}

// fail answers a command that makes no sense here.
func (x *session) fail(text string) { x.reply(pop3.Err("", text)) }

// refuse answers a command that failed. What is our own failing is logged.
func (x *session) refuse(err error) {
	var e *fault.Error
	if !errors.As(err, &e) || e.Temporary && e.Err != nil {
		x.conn.Logger().Warn("failed", "error", err)
	}
	x.reply(refuse.POP3(err, x.conn.ID()))
}

// leave lets go of the mailbox. What was marked for deletion stays, unless QUIT
// has removed it.
func (x *session) leave() {
	if x.drop != nil {
		id := x.drop.view.Mailbox().ID
		x.drop.close()
		x.drop = nil
		x.server.inUse.release(id)
	}
}
