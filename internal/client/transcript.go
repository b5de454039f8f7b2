package client

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Line is one line of a transcript.
type Line struct {
	At   time.Duration // since Dial began
	From Side
	Text string // printable, secrets masked, without the line end
}

// Side says who a line of a transcript comes from.
type Side string

// The sides of a transcript.
const (
	ClientSide Side = "C"
	ServerSide Side = "S"
	Note       Side = "*" // an event: connected, TLS established, closed
)

const (
	maxLines = 500 // of one transcript
	maxShown = 500 // octets of one line
)

// Transcript returns the lines so far, at most 500.
func (c *Conn) Transcript() []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Line(nil), c.lines...)
}

func (c *Conn) note(format string, args ...any) {
	c.record(Note, fmt.Sprintf(format, args...))
}

func (c *Conn) record(from Side, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lines) >= maxLines {
		return
	}
	// Masked before it is cut, or a cut secret would not be found.
	text = Printable(c.mask.Mask(text))
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "..."
	}
	c.lines = append(c.lines, Line{At: time.Since(c.start), From: from, Text: text})
}

// Printable returns s with everything that is not text written as \xNN, so that
// a server can't write to the terminal of whoever reads it.
func Printable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r) && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}
