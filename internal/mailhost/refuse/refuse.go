// Package refuse is the one place that turns an error into what SMTP, POP3 and
// IMAP say about it: the status, the machine-readable code and the text.
//
// It decides nothing: the error already says which fault it is, and whether
// trying again can help. It never shows a client what is meant for the log: an
// error without a text for the client becomes "internal error" and the name of
// the session, under which the log has the rest.
//
// RFC 5321 and RFC 3463 (SMTP), RFC 2449 and RFC 3206 (POP3), RFC 3501 §7.1 and
// RFC 5530 (IMAP).
package refuse

import (
	"strings"

	"postern/internal/fault"
	"postern/internal/wire/imap"
	"postern/internal/wire/pop3"
	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// SMTP is the reply to a command that failed with err.
func SMTP(err error, session string) smtp.Reply {
	e := asFault(err)
	r := lookup(e)
	return smtp.NewReply(r.smtp.code, r.smtp.enhanced, text(e, session))
}

// POP3 is the status line for a command that failed with err.
func POP3(err error, session string) pop3.Status {
	e := asFault(err)
	return pop3.Err(lookup(e).pop3, text(e, session))
}

// IMAPReply is what follows the tag of a command that failed: NO, a code such
// as "UNAVAILABLE" or "", and a text.
type IMAPReply struct {
	Cond imap.Condition
	Code string
	Text string
}

// String is the reply without tag and CRLF: "NO [UNAVAILABLE] text".
func (r IMAPReply) String() string {
	if r.Code == "" {
		return string(r.Cond) + " " + r.Text
	}
	return string(r.Cond) + " [" + r.Code + "] " + r.Text
}

// IMAP is the completion of a command that failed with err. A command that
// could not be understood is BAD, which is the caller's to say.
func IMAP(err error, session string) IMAPReply {
	e := asFault(err)
	return IMAPReply{Cond: imap.No, Code: lookup(e).imap, Text: text(e, session)}
}

// Closing is the line, CRLF included, with which a protocol ends a session or
// stands in the place of its greeting.
func Closing(p ports.Protocol, e *fault.Error, session string) string {
	r := lookup(e)
	switch p {
	case ports.SMTP:
		// RFC 5321 §3.8 has 421 for "closing", and §3.1 has 554 for a server
		// that will not talk to this client at all.
		code := 554
		if e.Temporary {
			code = 421
		}
		enhanced := r.smtp.enhanced
		enhanced[0] = code / 100
		return smtp.NewReply(code, enhanced, text(e, session)).String()
	case ports.POP3:
		return strings.TrimSuffix(pop3.Err(r.pop3, text(e, session)).String(), "\r\n") + "\r\n"
	default:
		return "* " + IMAPReply{Cond: imap.Bye, Code: r.imap, Text: text(e, session)}.String() + "\r\n"
	}
}

// maxText leaves room for code and session in an SMTP reply line of 512 octets
// (RFC 5321 §4.5.3.1.5).
const maxText = 400

// text is one clean line for the client, with the session's id in it.
func text(e *fault.Error, session string) string {
	s := e.Client
	if s == "" {
		s = "internal error; the administrator finds it in the log under this session"
	}
	s = strings.Map(printable, s)
	if len(s) > maxText {
		s = s[:maxText]
	}
	if session == "" || strings.Contains(s, session) {
		return s
	}
	return s + " (session " + session + ")"
}

// printable keeps what every protocol may carry in a text.
func printable(r rune) rune {
	switch {
	case r == '\r' || r == '\n' || r == '\t':
		return ' '
	case r < ' ' || r > '~':
		return '?'
	}
	return r
}
