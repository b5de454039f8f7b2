package smtpd

import (
	"context"
	"fmt"

	"postern/internal/fault"
	"postern/internal/wire/smtp"
)

// rcpt answers RCPT and adds a recipient (RFC 5321 §4.1.1.3).
func (x *session) rcpt(ctx context.Context, r smtp.Rcpt) smtp.Reply {
	switch {
	case x.envelope == nil:
		return outOfSequence("Say MAIL first")
	case len(x.envelope.to) >= x.limits.Recipients:
		return x.refuse(&fault.Error{
			Fault: "OU07", Op: "accept", Object: "recipient " + r.To.String(), Temporary: true,
			Client: fmt.Sprintf("too many recipients: this server takes %d at a time; send the others in another message", x.limits.Recipients),
		})
	}
	recipient, err := x.server.delivery.Recipient(ctx, x.client(), r.To)
	if err != nil {
		return x.refuse(err)
	}
	x.envelope.to = append(x.envelope.to, recipient)
	return smtp.NewReply(250, recipientFine, "Recipient accepted")
}
