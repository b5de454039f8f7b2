package smtpd

import (
	"context"
	"errors"

	"postern/internal/mailhost/door"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/refuse"
	"postern/internal/wire/sasl"
	"postern/internal/wire/smtp"
)

// auth answers AUTH (RFC 4954 §4). Its error ends the session.
func (x *session) auth(ctx context.Context, a smtp.Auth) (smtp.Reply, error) {
	switch {
	case x.hello.Name == "":
		return outOfSequence("Say EHLO first"), nil
	case x.account != nil:
		return outOfSequence("You are logged in already"), nil
	case x.envelope != nil:
		return outOfSequence("A transaction is under way; RSET ends it"), nil
	case login.Allowed(x.conn) != nil:
		return x.logIn(ctx, a.Mechanism, sasl.Credentials{Authentication: sasl.Claimant(a.Mechanism, a.Initial)}), nil
	}
	mechanism, known := sasl.NewServer(a.Mechanism)
	if !known {
		return refuse.SMTP(x.server.login.NotOffered(x.conn, a.Mechanism, "PLAIN or LOGIN"), x.conn.ID()), nil
	}
	err := x.exchange(mechanism, a.Initial)
	var format *sasl.FormatError
	switch {
	case err == nil:
		return x.logIn(ctx, a.Mechanism, mechanism.Credentials()), nil
	case errors.Is(err, sasl.ErrCanceled):
		return smtp.NewReply(501, smtp.Enhanced{5, 7, 0}, "Login cancelled"), nil
	case errors.As(err, &format):
		return smtp.NewReply(501, badSyntax, format.Text), nil
	case errors.Is(err, door.ErrLineTooLong):
		return smtp.NewReply(500, smtp.Enhanced{5, 5, 6}, "Line is too long for a login"), nil
	}
	return badLine(err)
}

// exchange plays the mechanism to its end. Each challenge stands alone in a
// reply, without an enhanced code.
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
		x.reply(smtp.NewReply(334, none, sasl.Encode(challenge)))
		line, err := x.conn.ReadLine(smtp.MaxAuthLine)
		if err != nil {
			return err
		}
		if response, err = sasl.Decode(string(line)); err != nil {
			return err
		}
	}
}

// logIn verifies what the client claims.
func (x *session) logIn(ctx context.Context, mechanism string, c sasl.Credentials) smtp.Reply {
	account, err := x.server.login.Authenticate(ctx, x.conn, mechanism, c)
	if err != nil {
		return refuse.SMTP(err, x.conn.ID()) // login has logged it
	}
	x.account = &account
	x.conn.SetState("authenticated")
	x.conn.SetCommandTimeout(door.CommandSMTP)
	return smtp.NewReply(235, loggedIn, "Logged in")
}
