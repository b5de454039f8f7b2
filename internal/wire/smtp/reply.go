package smtp

import (
	"fmt"
	"strings"
)

// Enhanced is an enhanced status code: class, subject, detail (RFC 3463). The
// zero value stands for none.
type Enhanced [3]int

// String prints "5.7.1"; nothing for the zero value.
func (e Enhanced) String() string {
	if e == (Enhanced{}) {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
}

// Reply is one reply of a server, of one or more lines (RFC 5321 §4.2).
type Reply struct {
	// Code is the three-digit code.
	Code int
	// Enhanced is the code of RFC 2034; the zero value when there is none.
	Enhanced Enhanced
	// Lines are the texts, without codes. At least one.
	Lines []string
}

// NewReply makes a reply.
func NewReply(code int, enhanced Enhanced, lines ...string) Reply {
	return Reply{Code: code, Enhanced: enhanced, Lines: lines}
}

// String prints the reply as it goes over the wire, CRLF included. What is not
// printable ASCII is replaced and what is too long is cut, so that nothing
// quoted back to a client can end a line or break its reader.
func (r Reply) String() string {
	lines := r.Lines
	if len(lines) == 0 {
		lines = []string{""}
	}
	var b strings.Builder
	for i, text := range lines {
		separator := "-"
		if i == len(lines)-1 {
			separator = " "
		}
		prefix := fmt.Sprintf("%03d%s", r.Code, separator)
		if r.Enhanced != (Enhanced{}) {
			prefix += r.Enhanced.String() + " "
		}
		text = printable(text)
		b.WriteString(prefix + text[:min(len(text), MaxReplyLine-2-len(prefix))] + "\r\n")
	}
	return b.String()
}

// Text joins the lines with spaces, for matching and for people.
func (r Reply) Text() string { return strings.Join(r.Lines, " ") }

// Positive reports a code of the classes 2xx and 3xx.
func (r Reply) Positive() bool { return r.Code >= 200 && r.Code < 400 }

// Transient reports a code of the class 4xx: trying later may help.
func (r Reply) Transient() bool { return r.Code >= 400 && r.Code < 500 }

// Permanent reports a code of the class 5xx.
func (r Reply) Permanent() bool { return r.Code >= 500 && r.Code < 600 }

func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
}

// ReplyLine is one line of a reply.
type ReplyLine struct {
	Code int
	// More is true for a line that others follow ("250-").
	More bool
	Text string
}

// ParseReplyLine parses one reply line without its line end. The error is a
// *ReplyError.
func ParseReplyLine(line string) (ReplyLine, error) {
	if len(line) < 3 || !isDigits(line[:3]) || line[0] < '2' || line[0] > '5' {
		return ReplyLine{}, replyError(line, "does not begin with a reply code")
	}
	l := ReplyLine{Code: int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')}
	if len(line) == 3 {
		return l, nil
	}
	switch line[3] {
	case '-':
		l.More = true
	case ' ':
	default:
		return ReplyLine{}, replyError(line, "has neither a space nor a hyphen after its reply code")
	}
	l.Text = line[4:]
	return l, nil
}

// maxReplyLines bounds the lines of one reply that a client reads.
const maxReplyLines = 512

// ReadReply reads the lines of one reply from next, which returns lines
// without their line ends. It is tolerant: a reply whose lines carry different
// codes has the code of its last line. Errors of next are returned as they
// are, with the lines read so far; any other error is a *ReplyError.
func ReadReply(next func() (string, error)) (Reply, error) {
	var r Reply
	for range maxReplyLines {
		line, err := next()
		if err != nil {
			return r, err
		}
		l, err := ParseReplyLine(line)
		if err != nil {
			return r, err
		}
		r.Code = l.Code
		code, text := cutEnhanced(l.Code, l.Text)
		if code != (Enhanced{}) {
			r.Enhanced = code
		}
		r.Lines = append(r.Lines, text)
		if !l.More {
			return r, nil
		}
	}
	return r, replyError(r.Lines[0], "begins a reply of more than 512 lines")
}

// cutEnhanced takes an enhanced status code off the front of a text. Its class
// must be that of the reply code; otherwise it is a version or an address.
func cutEnhanced(code int, text string) (Enhanced, string) {
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 {
		return Enhanced{}, text
	}
	var e Enhanced
	for i, part := range parts {
		if len(part) > 3 || !isDigits(part) {
			return Enhanced{}, text
		}
		for _, digit := range []byte(part) {
			e[i] = e[i]*10 + int(digit-'0')
		}
	}
	if e[0] != code/100 {
		return Enhanced{}, text
	}
	return e, rest
}

// ReplyError says that a server's line is not an SMTP reply.
type ReplyError struct {
	// Line is what the server sent, shortened to 200 octets.
	Line   string
	Reason string
}

func (e *ReplyError) Error() string { return fmt.Sprintf("smtp: line %q %s", e.Line, e.Reason) }

func replyError(line, reason string) error {
	return &ReplyError{Line: line[:min(len(line), 200)], Reason: reason}
}
