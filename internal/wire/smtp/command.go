package smtp

import (
	"strings"
)

// Verb is the first word of a command, in upper case.
type Verb string

// The verbs that ParseCommand knows.
const (
	EHLO     Verb = "EHLO"
	HELO     Verb = "HELO"
	MAIL     Verb = "MAIL"
	RCPT     Verb = "RCPT"
	DATA     Verb = "DATA"
	RSET     Verb = "RSET"
	NOOP     Verb = "NOOP"
	VRFY     Verb = "VRFY"
	EXPN     Verb = "EXPN"
	HELP     Verb = "HELP"
	QUIT     Verb = "QUIT"
	STARTTLS Verb = "STARTTLS"
	AUTH     Verb = "AUTH"
)

// Command is one parsed command line: Hello, Mail, Rcpt, Auth or Simple.
type Command interface {
	Verb() Verb
}

// Hello is EHLO or HELO (RFC 5321 §4.1.1.1).
type Hello struct {
	// Extended is true for EHLO.
	Extended bool
	// Name is what the client calls itself: any word, because mail programs
	// send whatever their machine is named. Ask IsDomain before writing it
	// where a domain belongs.
	Name string
}

// Verb is EHLO or HELO.
func (h Hello) Verb() Verb {
	if h.Extended {
		return EHLO
	}
	return HELO
}

// Mail is MAIL FROM (RFC 5321 §4.1.1.2).
type Mail struct {
	// From is the envelope sender; the null path for a bounce.
	From Address
	// Size is the declared size in octets (RFC 1870), 0 when not declared.
	Size int64
	// Body is the declared body type (RFC 6152), empty when not declared.
	Body Body
	// Auth is the decoded AUTH parameter (RFC 4954 §5), empty when absent. A
	// server that does not trust the client must not believe it.
	Auth string
}

// Verb is MAIL.
func (Mail) Verb() Verb { return MAIL }

// Body is a value of MAIL's BODY parameter.
type Body string

// The body types of RFC 6152.
const (
	Body7Bit     Body = "7BIT"
	Body8BitMIME Body = "8BITMIME"
)

// Rcpt is RCPT TO (RFC 5321 §4.1.1.3).
type Rcpt struct {
	// To is the envelope recipient. Its domain is empty only for the bare
	// "Postmaster" that every server must take.
	To Address
}

// Verb is RCPT.
func (Rcpt) Verb() Verb { return RCPT }

// Auth is AUTH (RFC 4954 §4).
type Auth struct {
	// Mechanism is in upper case.
	Mechanism string
	// Initial is the initial response as the client sent it, still in base64:
	// "=" stands for an empty one. It is empty when there was none.
	Initial string
}

// Verb is AUTH.
func (Auth) Verb() Verb { return AUTH }

// Simple is a command without structure: DATA, RSET, NOOP, VRFY, EXPN, HELP,
// QUIT and STARTTLS.
type Simple struct {
	Name Verb
	// Argument is the rest of the line, where the command may have one.
	Argument string
}

// Verb is the command's name.
func (s Simple) Verb() Verb { return s.Name }

// SyntaxError says why a line is no command. It carries the reply that RFC
// 5321 §4.2.4 and §4.3.2 ask for, ready to be sent.
type SyntaxError struct {
	Reply Reply
}

func (e *SyntaxError) Error() string { return "smtp: " + strings.Join(e.Reply.Lines, " ") }

// ParseCommand parses a command line without its CRLF. The error is always a
// *SyntaxError.
func ParseCommand(line string) (Command, error) {
	return nil, &SyntaxError{Reply: NewReply(500, Enhanced{5, 5, 2}, "Command not recognised")}
}
