package pop3

import (
	"strconv"
	"strings"
)

// Verb is the first word of a command, in upper case.
type Verb string

// The verbs that ParseCommand knows.
const (
	USER Verb = "USER"
	PASS Verb = "PASS"
	AUTH Verb = "AUTH"
	STLS Verb = "STLS"
	CAPA Verb = "CAPA"
	STAT Verb = "STAT"
	LIST Verb = "LIST"
	RETR Verb = "RETR"
	DELE Verb = "DELE"
	NOOP Verb = "NOOP"
	RSET Verb = "RSET"
	TOP  Verb = "TOP"
	UIDL Verb = "UIDL"
	QUIT Verb = "QUIT"
)

// Command is one parsed command line.
type Command struct {
	Verb Verb
	// Text is the argument of USER and PASS, exactly as sent: spaces belong to
	// a password (RFC 1939 §7).
	Text string
	// Message is the message number of LIST, UIDL, RETR, DELE and TOP, from 1;
	// 0 when LIST or UIDL stands alone.
	Message int
	// Lines is the number of body lines that TOP asks for.
	Lines int
	// Mechanism is AUTH's, in upper case; empty when AUTH stands alone and
	// asks for the list.
	Mechanism string
	// Initial is AUTH's initial response, still in base64; "=" stands for an
	// empty one. It is empty when there was none.
	Initial string
}

// SyntaxError says why a line is no command, in words for the client.
type SyntaxError struct {
	// Unknown is true when the verb itself is not known.
	Unknown bool
	Text    string
}

func (e *SyntaxError) Error() string { return "pop3: " + e.Text }

// ParseCommand parses a command line without its CRLF. The error is always a
// *SyntaxError.
func ParseCommand(line string) (Command, error) {
	if err := checkCharacters(line); err != nil {
		return Command{}, err
	}
	word, rest, _ := strings.Cut(line, " ")
	c := Command{Verb: Verb(strings.ToUpper(strings.TrimRight(word, "\t")))}
	switch c.Verb {
	case USER, PASS:
		// Everything after the one space counts, spaces at the end included.
		c.Text = rest
		if rest == "" {
			return Command{}, syntaxError(c.Verb, "needs an argument")
		}
		return c, nil
	case AUTH:
		return c.withMechanism(strings.Fields(rest))
	case LIST, UIDL:
		if strings.TrimSpace(rest) == "" {
			return c, nil
		}
		return c.withNumbers(rest, 1)
	case RETR, DELE:
		return c.withNumbers(rest, 1)
	case TOP:
		return c.withNumbers(rest, 2)
	case STLS, CAPA, STAT, NOOP, RSET, QUIT:
		if strings.TrimSpace(rest) != "" {
			return Command{}, syntaxError(c.Verb, "takes no argument")
		}
		return c, nil
	}
	return Command{}, &SyntaxError{Unknown: true, Text: "unknown command"}
}

// checkCharacters refuses control characters, NUL among them. Bytes beyond
// ASCII may stand in a user name or password.
func checkCharacters(line string) error {
	for i := range len(line) {
		if c := line[i]; c < ' ' && c != '\t' || c == 0x7f {
			return &SyntaxError{Text: "command has a control character"}
		}
	}
	return nil
}

func (c Command) withMechanism(fields []string) (Command, error) {
	if len(fields) > 2 {
		return Command{}, syntaxError(AUTH, "takes a mechanism and at most an initial response")
	}
	if len(fields) > 0 {
		c.Mechanism = strings.ToUpper(fields[0])
	}
	if len(fields) > 1 {
		c.Initial = fields[1]
	}
	return c, nil
}

// withNumbers reads a message number and, if count is 2, a number of lines.
func (c Command) withNumbers(rest string, count int) (Command, error) {
	fields := strings.Fields(rest)
	if len(fields) != count {
		needs := "needs one message number"
		if count == 2 {
			needs = "needs a message number and a number of lines"
		}
		return Command{}, syntaxError(c.Verb, needs)
	}
	var ok bool
	if c.Message, ok = parseNumber(fields[0]); !ok || c.Message == 0 {
		return Command{}, syntaxError(c.Verb, "needs a message number, from 1")
	}
	if count == 2 {
		if c.Lines, ok = parseNumber(fields[1]); !ok {
			return Command{}, syntaxError(c.Verb, "needs a number of lines in digits")
		}
	}
	return c, nil
}

// parseNumber reads digits only. A number that does not fit becomes the
// largest there is: no mailbox has that many messages, no message that many
// lines.
func parseNumber(s string) (int, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	if s == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 1<<31 - 1, true
	}
	return int(n), true
}

func syntaxError(verb Verb, text string) error {
	return &SyntaxError{Text: string(verb) + " " + text}
}
