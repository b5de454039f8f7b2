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
	if err := checkCharacters(line); err != nil {
		return nil, err
	}
	// Spaces at the end are tolerated, as RFC 5321 §4.1.1 asks.
	line = strings.TrimRight(line, " \t")
	word, rest, _ := strings.Cut(line, " ")
	verb := Verb(strings.ToUpper(word))
	switch verb {
	case EHLO, HELO:
		return parseHello(verb, rest)
	case MAIL:
		return parseMail(rest)
	case RCPT:
		return parseRcpt(rest)
	case AUTH:
		return parseAuth(rest)
	case DATA, RSET, QUIT, STARTTLS:
		if rest != "" {
			return nil, badParameter(string(verb) + " takes no parameter")
		}
		return Simple{Name: verb}, nil
	case VRFY, EXPN:
		if rest == "" {
			return nil, badParameter(string(verb) + " needs a name")
		}
		return Simple{Name: verb, Argument: rest}, nil
	case NOOP, HELP:
		return Simple{Name: verb, Argument: rest}, nil
	}
	return nil, &SyntaxError{NewReply(500, Enhanced{5, 5, 2}, "Command not recognised; HELP lists what this server knows")}
}

// checkCharacters refuses what no command has: control characters, NUL among
// them, and anything beyond ASCII.
func checkCharacters(line string) error {
	for i := range len(line) {
		switch c := line[i]; {
		case c >= 0x80:
			return &SyntaxError{NewReply(500, Enhanced{5, 6, 7}, "Command has a character beyond ASCII; this server has no SMTPUTF8")}
		case c < ' ' && c != '\t' || c == 0x7f:
			return &SyntaxError{NewReply(500, Enhanced{5, 5, 2}, "Command has a control character")}
		}
	}
	return nil
}

func parseHello(verb Verb, rest string) (Command, error) {
	name := strings.TrimLeft(rest, " ")
	switch {
	case name == "":
		return nil, badParameter(string(verb) + " needs the name of your machine")
	case strings.ContainsAny(name, " \t"):
		return nil, badParameter(string(verb) + " takes one name without spaces")
	case len(name) > MaxDomain:
		return nil, badParameter("Name is longer than 255 characters")
	}
	return Hello{Extended: verb == EHLO, Name: name}, nil
}

func parseMail(rest string) (Command, error) {
	rest, ok := cutPrefixFold(rest, "FROM:")
	if !ok {
		return nil, badParameter("Use MAIL FROM:<address>")
	}
	// RFC 5321 §3.3 forbids the space that several mail programs put here.
	from, rest, err := parsePath(strings.TrimLeft(rest, " "))
	if err == nil && from.Domain == "" && !from.IsNull() {
		err = badAddress("Address needs the form user@domain")
	}
	if err != nil {
		return nil, ofSender(err)
	}
	params, err := parseParams(rest)
	if err != nil {
		return nil, err
	}
	m := Mail{From: from}
	for _, p := range params {
		if err := m.set(p); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func parseRcpt(rest string) (Command, error) {
	rest, ok := cutPrefixFold(rest, "TO:")
	if !ok {
		return nil, badParameter("Use RCPT TO:<address>")
	}
	to, rest, err := parsePath(strings.TrimLeft(rest, " "))
	if err != nil {
		return nil, err
	}
	if to.IsNull() {
		return nil, badAddress("Recipient can't be empty")
	}
	params, err := parseParams(rest)
	if err != nil {
		return nil, err
	}
	if len(params) > 0 {
		return nil, unknownParameter("RCPT", params[0].Keyword)
	}
	return Rcpt{To: to}, nil
}

func parseAuth(rest string) (Command, error) {
	fields := strings.Fields(rest)
	if len(fields) == 0 || len(fields) > 2 {
		return nil, badParameter("Use AUTH mechanism, or AUTH mechanism initial-response")
	}
	a := Auth{Mechanism: strings.ToUpper(fields[0])}
	if len(fields) == 2 {
		a.Initial = fields[1]
	}
	return a, nil
}

// ofSender gives an address error the code for a sender's address: a mail
// program shows it beside the right field.
func ofSender(err error) error {
	if e, ok := err.(*SyntaxError); ok {
		e.Reply.Enhanced = Enhanced{5, 1, 7}
	}
	return err
}

func badParameter(text string) error {
	return &SyntaxError{NewReply(501, Enhanced{5, 5, 4}, text)}
}
