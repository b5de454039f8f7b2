package smtpd

import (
	"context"
	"fmt"

	"postern/internal/fault"
	"postern/internal/wire/smtp"
)

// mail answers MAIL and begins a transaction (RFC 5321 §4.1.1.2). The AUTH
// parameter is read and not believed (RFC 4954 §5).
func (x *session) mail(ctx context.Context, m smtp.Mail) smtp.Reply {
	switch {
	case x.hello.Name == "":
		return outOfSequence("Say EHLO first")
	case x.envelope != nil:
		return outOfSequence("A transaction is under way; RSET ends it")
	case m.Size > x.limits.MessageSize:
		return x.refuse(x.tooLarge())
	}
	if err := x.server.delivery.Sender(ctx, x.client(), m.From); err != nil {
		return x.refuse(err)
	}
	x.envelope = &envelope{from: m.From}
	return smtp.NewReply(250, addressFine, "Sender accepted")
}

func (x *session) tooLarge() *fault.Error {
	return &fault.Error{
		Fault: "OU06", Op: "accept", Object: "message",
		Client: fmt.Sprintf("message is too large: this server takes up to %d bytes", x.limits.MessageSize),
	}
}
