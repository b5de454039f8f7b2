// Package refuse is the one place that turns an error into what SMTP, POP3 and
// IMAP say about it: the status, the machine-readable code and the text.
//
// It decides nothing: the error already says which fault it is, and whether
// trying again can help. It never shows a client what is meant for the log.
//
// RFC 5321 and RFC 3463 (SMTP), RFC 2449 and RFC 3206 (POP3), RFC 3501 §7.1 and
// RFC 5530 (IMAP).
package refuse

import (
	"postern/internal/fault"
	"postern/internal/wire/imap"
	"postern/internal/wire/pop3"
	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// SMTP is the reply to a command that failed with err.
func SMTP(err error) smtp.Reply { return smtp.Reply{} }

// POP3 is the status line for a command that failed with err.
func POP3(err error) pop3.Status { return pop3.Status{} }

// IMAPReply is what follows the tag of a command that failed: NO or BAD, a code
// such as "UNAVAILABLE" or "", and a text.
type IMAPReply struct {
	Cond imap.Condition
	Code string
	Text string
}

// String is the reply without tag and CRLF: "NO [UNAVAILABLE] text".
func (r IMAPReply) String() string { return "" }

// IMAP is the completion of a command that failed with err.
func IMAP(err error) IMAPReply { return IMAPReply{} }

// Closing is the line, CRLF included, with which a protocol ends a session or
// refuses its greeting: "421 …", "-ERR …", "* BYE …". The session id is added
// to the text where it is not in it yet.
func Closing(p ports.Protocol, e *fault.Error, session string) string { return "" }
