package smtpd

import (
	"fmt"

	"postern/internal/mailhost/door"
	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// greet answers EHLO and HELO (RFC 5321 §4.1.1.1). Both end a transaction.
func (x *session) greet(h smtp.Hello) smtp.Reply {
	x.hello, x.envelope = h, nil
	if !x.submission() {
		x.conn.SetCommandTimeout(door.CommandSMTP)
	}
	if !h.Extended {
		return smtp.NewReply(250, none, x.hostname)
	}
	return smtp.NewReply(250, none, append([]string{x.hostname}, x.extensions()...)...)
}

// extensions lists what this session offers now. The order never changes.
func (x *session) extensions() []string {
	list := []string{"PIPELINING", fmt.Sprintf("SIZE %d", x.limits.MessageSize), "8BITMIME"}
	if x.canStartTLS() {
		list = append(list, "STARTTLS")
	}
	if x.canLogIn() {
		list = append(list, "AUTH PLAIN LOGIN")
	}
	return append(list, "ENHANCEDSTATUSCODES", "HELP")
}

func (x *session) canStartTLS() bool {
	return x.conn.Port().Security == ports.StartTLS && !x.conn.Secure()
}

func (x *session) canLogIn() bool {
	return x.submission() && x.conn.Secure() && x.account == nil
}
