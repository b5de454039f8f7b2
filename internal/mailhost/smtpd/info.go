package smtpd

import "postern/internal/wire/smtp"

// reset answers RSET (RFC 5321 §4.1.1.5).
func (x *session) reset() smtp.Reply {
	x.envelope = nil
	return smtp.NewReply(250, fine, "Transaction forgotten")
}

// verify answers VRFY without telling strangers who lives here (RFC 5321
// §3.5.3 and §7.3).
func verify() smtp.Reply {
	return smtp.NewReply(252, recipientFine, "Not verified; send the message to find out")
}

// expand answers EXPN: there are no lists, and they would be nobody's business.
func expand() smtp.Reply {
	return smtp.NewReply(502, badSequence, "EXPN is not offered")
}

// help answers HELP.
func help() smtp.Reply {
	return smtp.NewReply(214, fine,
		"Commands: EHLO HELO MAIL RCPT DATA RSET NOOP VRFY STARTTLS AUTH HELP QUIT",
		"To send mail, use port 465 with SSL/TLS or 587 with STARTTLS, and log in")
}
