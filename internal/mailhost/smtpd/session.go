package smtpd

import (
	"context"
	"errors"

	"postern/internal/fault"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/delivery"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/refuse"
	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// What a client may do before it is sent away. Both counts begin again with
// every message that is delivered.
const (
	// maxErrors is how many commands may fail: a client that guesses
	// addresses, or speaks something else.
	maxErrors = 20
	// maxIdle is how many commands may come that bring no mail nearer. MAIL,
	// RCPT and DATA don't count, however many recipients a message has.
	maxIdle = 100
)

// session is one connection.
type session struct {
	server   *Server
	conn     *door.Conn
	hostname string
	limits   config.Limits

	hello    smtp.Hello         // zero before EHLO or HELO
	account  *directory.Account // nil before login
	envelope *envelope          // nil outside a transaction

	errors, idle int
	quit         bool
}

// envelope is one mail transaction (RFC 5321 §3.3).
type envelope struct {
	from smtp.Address
	to   []delivery.Recipient
}

// run speaks with the client from the greeting to the end.
func (x *session) run(ctx context.Context) error {
	x.reply(smtp.NewReply(220, none, x.hostname+" ESMTP Postern"))
	for !x.quit {
		line, err := x.conn.ReadLine(smtp.MaxCommandLine)
		var reply smtp.Reply
		if err == nil {
			reply, err = x.command(ctx, string(line))
		} else {
			reply, err = badLine(err)
		}
		if err != nil {
			return err
		}
		x.reply(reply)
		if err := x.tally(reply); err != nil {
			return err
		}
	}
	return nil
}

// badLine answers a line that is none; other errors end the session.
func badLine(err error) (smtp.Reply, error) {
	switch {
	case errors.Is(err, door.ErrBareLF):
		return smtp.NewReply(500, badSyntax, "Line ends with LF alone; end lines with CR LF"), nil
	case errors.Is(err, door.ErrBareCR):
		return smtp.NewReply(500, badSyntax, "Line has a CR without LF; end lines with CR LF"), nil
	case errors.Is(err, door.ErrLineTooLong):
		return smtp.NewReply(500, badSyntax, "Line is too long"), nil
	}
	return smtp.Reply{}, err
}

// command parses and follows one command. Its reply is the answer to the
// client; its error ends the session.
func (x *session) command(ctx context.Context, line string) (smtp.Reply, error) {
	command, err := smtp.ParseCommand(line)
	var syntax *smtp.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Reply, nil
	}
	switch c := command.(type) {
	case smtp.Mail:
		return x.mail(ctx, c), nil
	case smtp.Rcpt:
		return x.rcpt(ctx, c), nil
	case smtp.Auth:
		return x.auth(ctx, c)
	case smtp.Hello:
		x.idle++
		return x.greet(c), nil
	}
	return x.simple(ctx, command.Verb())
}

// simple follows a command without structure.
func (x *session) simple(ctx context.Context, verb smtp.Verb) (smtp.Reply, error) {
	if verb == smtp.DATA {
		return x.data(ctx)
	}
	x.idle++
	switch verb {
	case smtp.STARTTLS:
		return x.startTLS()
	case smtp.RSET:
		return x.reset(), nil
	case smtp.VRFY:
		return verify(), nil
	case smtp.EXPN:
		return expand(), nil
	case smtp.HELP:
		return help(), nil
	case smtp.NOOP:
		return smtp.NewReply(250, fine, "OK"), nil
	case smtp.QUIT:
		x.quit = true
		return smtp.NewReply(221, fine, x.hostname+" closing the connection"), nil
	}
	return smtp.NewReply(502, badSequence, "Command not implemented"), nil
}

// reply puts an answer behind those that wait. It goes out when the session
// next waits for the client, so that pipelined commands share a packet.
func (x *session) reply(r smtp.Reply) {
	if r.Code != 0 {
		x.conn.WriteString(r.String())
	}
}

// refuse is the reply to a command that failed. The log has the whole story.
func (x *session) refuse(err error) smtp.Reply {
	x.log(err)
	return refuse.SMTP(err, x.conn.ID())
}

// log keeps what the client was refused; what is our own failing stands out.
func (x *session) log(err error) {
	var e *fault.Error
	if errors.As(err, &e) && (!e.Temporary || e.Err == nil) {
		x.conn.Logger().Info("refused", "reason", err)
		return
	}
	x.conn.Logger().Warn("failed", "error", err)
}

// outOfSequence is the reply to a command that comes too early or too late.
func outOfSequence(text string) smtp.Reply { return smtp.NewReply(503, badSequence, text) }

// tally counts what leads nowhere, and sends the client away when it is too
// much.
func (x *session) tally(r smtp.Reply) error {
	if r.Code >= 400 {
		x.errors++
	}
	why := ""
	switch {
	case x.errors >= maxErrors:
		why = "too many errors"
	case x.idle >= maxIdle:
		why = "too many commands without a message"
	}
	if why == "" || x.quit {
		return nil
	}
	err := &fault.Error{Fault: "OU07", Op: "serve", Object: "client", Temporary: true, Client: why}
	x.log(err)
	return err
}

// state is what the session is doing, for the metrics.
func (x *session) state() string {
	if x.account != nil {
		return "authenticated"
	}
	return "connected"
}

// startOver forgets all that the client has said (RFC 3207 §4.2).
func (x *session) startOver() {
	x.hello, x.account, x.envelope = smtp.Hello{}, nil, nil
}

// submission reports whether the port is for people.
func (x *session) submission() bool { return x.conn.Port().Role == ports.Submission }

// client describes this session to delivery.
func (x *session) client() delivery.Client {
	c := delivery.Client{
		Session:    x.conn.ID(),
		Address:    x.conn.Remote().Addr(),
		Hello:      x.hello.Name,
		Extended:   x.hello.Extended,
		Submission: x.submission(),
		Account:    x.account,
	}
	if state, ok := x.conn.TLS(); ok {
		c.TLS, c.Cipher = tlsName(state)
	}
	return c
}
