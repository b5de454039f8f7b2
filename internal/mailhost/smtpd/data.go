package smtpd

import (
	"bytes"
	"context"
	"errors"
	"io"

	"postern/internal/fault"
	"postern/internal/mailhost/delivery"
	"postern/internal/wire/smtp"
)

// data answers DATA and takes the message (RFC 5321 §4.1.1.4). However it ends,
// the transaction is over.
func (x *session) data(ctx context.Context) (smtp.Reply, error) {
	switch {
	case x.envelope == nil:
		return outOfSequence("Say MAIL first"), nil
	case len(x.envelope.to) == 0:
		return outOfSequence("There is no valid recipient"), nil
	}
	e := delivery.Envelope{Client: x.client(), From: x.envelope.from, To: x.envelope.to}
	x.envelope = nil
	message, err := x.server.delivery.Begin(ctx, e)
	if err != nil {
		return x.refuse(err), nil
	}
	defer message.Discard()

	x.conn.SetState("data")
	defer x.conn.SetState(x.state())
	x.reply(smtp.NewReply(354, none, "Send the message; a line with a dot alone ends it"))
	if err := x.conn.Flush(); err != nil {
		return smtp.Reply{}, err
	}
	in := &intake{message: message, limit: x.limits.MessageSize, tooLarge: x.tooLarge()}
	if err := in.take(smtp.NewDataReader(x.conn)); err != nil {
		x.conn.Logger().Info("message not taken", "reason", err)
		return smtp.Reply{}, err
	}
	if in.refusal == nil {
		in.refusal = message.Deliver(ctx)
	}
	if in.refusal != nil {
		return x.refuse(in.refusal), nil
	}
	x.errors, x.idle = 0, 0
	x.conn.Logger().Info("message delivered", "from", e.From.String(), "recipients", len(e.To), "bytes", in.size)
	return smtp.NewReply(250, fine, "Message delivered (session "+x.conn.ID()+")"), nil
}

// intake takes the bytes of one message. What must be refused is remembered and
// the rest read away, because a client listens only after its last byte.
type intake struct {
	message  *delivery.Message
	limit    int64
	tooLarge *fault.Error

	size    int64
	refusal error
}

// take reads the message to its end. Its error ends the session.
func (in *intake) take(data io.Reader) error {
	// The connection has no more than this in its buffer.
	buf := make([]byte, 4096)
	for {
		n, err := data.Read(buf)
		in.write(buf[:n])
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, smtp.ErrBareCR), errors.Is(err, smtp.ErrBareLF):
			return smuggled(err)
		case err != nil:
			return err
		case in.size > 2*in.limit:
			// It was told the limit, and now it has had its chance.
			return in.tooLarge
		}
	}
}

func (in *intake) write(p []byte) {
	in.size += int64(len(p))
	if in.refusal == nil {
		in.refusal = in.check(p)
	}
	if in.refusal == nil {
		_, in.refusal = in.message.Write(p)
	}
	if in.refusal != nil {
		in.message.Discard()
	}
}

// check looks for what no message may have.
func (in *intake) check(p []byte) error {
	if in.size > in.limit {
		return in.tooLarge
	}
	if bytes.IndexByte(p, 0) >= 0 {
		// IMAP has no way to show it (RFC 3501 §4.3).
		return &fault.Error{Fault: "OU17", Op: "accept", Object: "message", Client: "message has a NUL character"}
	}
	return nil
}

// smuggled is why a session ends whose message has bare line ends: what follows
// could be commands for one reader and text for another.
func smuggled(err error) error {
	text := "message has a line feed without a carriage return (bare LF); lines end with CR LF"
	if errors.Is(err, smtp.ErrBareCR) {
		text = "message has a carriage return without a line feed (bare CR); lines end with CR LF"
	}
	return &fault.Error{Fault: "OU17", Op: "accept", Object: "message", Client: text, Err: err}
}
