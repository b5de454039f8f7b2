package popd

import (
	"context"
	"errors"
	"fmt"

	"postern/internal/fault"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/refuse"
	"postern/internal/mailhost/store"
	"postern/internal/secret"
	"postern/internal/wire/pop3"
	"postern/internal/wire/sasl"
)

// name answers USER. Without encryption the client is stopped here, before it
// sends the password.
func (x *session) name(ctx context.Context, c pop3.Command) {
	x.user = c.Text
	if login.Allowed(x.conn) != nil {
		x.logIn(ctx, string(c.Verb), sasl.Credentials{Authentication: c.Text})
		return
	}
	x.reply(pop3.OK("now the password"))
}

// pass answers PASS. A name is good for one try. Behind a USER that was refused
// it is the same attempt, and is not recorded again.
func (x *session) pass(ctx context.Context, c pop3.Command) {
	user := x.user
	x.user = ""
	forbidden := login.Allowed(x.conn)
	switch {
	case user == "" && forbidden == nil:
		x.fail("USER first")
		return
	case user != "" && forbidden != nil:
		x.reply(refuse.POP3(forbidden, x.conn.ID()))
		return
	}
	x.logIn(ctx, string(pop3.USER), sasl.Credentials{Authentication: user, Password: secret.New(c.Text)})
}

// auth answers AUTH (RFC 5034). Its error ends the session.
func (x *session) auth(ctx context.Context, c pop3.Command) error {
	if c.Mechanism == "" {
		return x.listing("mechanisms follow", []string{sasl.Plain})
	}
	if login.Allowed(x.conn) != nil {
		x.logIn(ctx, c.Mechanism, sasl.Credentials{Authentication: sasl.Claimant(c.Mechanism, c.Initial)})
		return nil
	}
	if c.Mechanism != sasl.Plain {
		x.reply(refuse.POP3(x.server.login.NotOffered(x.conn, c.Mechanism, "USER or PLAIN"), x.conn.ID()))
		return nil
	}
	mechanism, _ := sasl.NewServer(c.Mechanism)
	err := x.exchange(mechanism, c.Initial)
	var format *sasl.FormatError
	switch {
	case err == nil:
		x.logIn(ctx, c.Mechanism, mechanism.Credentials())
	case errors.Is(err, sasl.ErrCanceled):
		x.fail("login cancelled")
	case errors.As(err, &format):
		x.fail(format.Text)
	default:
		return x.badLine(err)
	}
	return nil
}

// exchange plays the mechanism to its end.
func (x *session) exchange(mechanism sasl.Server, initial string) error {
	var response []byte
	if initial != "" {
		var err error
		if response, err = sasl.DecodeInitial(initial); err != nil {
			return err
		}
	}
	for {
		challenge, done, err := mechanism.Next(response)
		if err != nil || done {
			return err
		}
		x.conn.WriteString("+ " + sasl.Encode(challenge) + "\r\n")
		line, err := x.conn.ReadLine(pop3.MaxAuthLine)
		if err != nil {
			return err
		}
		if response, err = sasl.Decode(string(line)); err != nil {
			return err
		}
	}
}

// logIn verifies what the client claims and opens the mailbox.
func (x *session) logIn(ctx context.Context, mechanism string, c sasl.Credentials) {
	account, err := x.server.login.Authenticate(ctx, x.conn, mechanism, c)
	if err != nil {
		x.reply(refuse.POP3(err, x.conn.ID())) // login has logged it
		return
	}
	if err := x.enter(ctx, account.ID); err != nil {
		x.refuse(err)
		return
	}
	x.conn.SetState("authenticated")
	x.conn.SetCommandTimeout(door.CommandPOP3)
	messages, octets := x.drop.totals()
	x.reply(pop3.OK(fmt.Sprintf("%d messages (%d octets)", messages, octets)))
}

// enter opens the account's INBOX for this session alone.
func (x *session) enter(ctx context.Context, account store.AccountID) error {
	inbox, err := x.server.store.MailboxByName(ctx, account, store.Inbox)
	if err != nil {
		return broken("open", "INBOX", err)
	}
	if !x.server.inUse.take(inbox.ID) {
		return &fault.Error{
			Fault: "MB02", Op: "open", Object: "INBOX", Temporary: true,
			Client: "another POP3 session has this mailbox; close the other program, or wait until it is done",
		}
	}
	x.drop, err = openMaildrop(ctx, x.server.store, inbox.ID)
	if err != nil {
		x.server.inUse.release(inbox.ID)
		return broken("open", "INBOX", err)
	}
	return nil
}

// broken is the error for a failure of our own, which may pass. The cause has
// the words for the client.
func broken(op, object string, err error) *fault.Error {
	return &fault.Error{Op: op, Object: object, Temporary: true, Err: err}
}
