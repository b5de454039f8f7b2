package report

import (
	"io"
	"os"
	"strings"

	"charm.land/lipgloss/v2"
	"golang.org/x/term"

	"postern/internal/fault"
)

// Width is the number of columns that no line exceeds, save a word that is
// longer by itself.
const Width = 80

// page collects lines and writes them in one go.
type page struct {
	paint
	text strings.Builder
}

func newPage(w io.Writer) *page { return &page{paint: painter(colourful(w))} }

// line adds one line.
func (p *page) line(parts ...string) {
	p.text.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.text.WriteByte('\n')
}

// blank adds an empty line, but never a second one.
func (p *page) blank() {
	if s := p.text.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		p.text.WriteByte('\n')
	}
}

// paragraph adds text wrapped to Width, the first line after lead, the others
// indented to the same column.
func (p *page) paragraph(lead, text string) {
	indent := strings.Repeat(" ", lipgloss.Width(lead))
	for i, l := range wrap(text, Width-len(indent)) {
		if i > 0 {
			lead = indent
		}
		p.line(lead, l)
	}
}

// writeTo writes the page to w.
func (p *page) writeTo(w io.Writer) error {
	_, err := lipgloss.Fprint(w, p.text.String())
	return err
}

// wrap breaks text at spaces into lines of at most width columns; a longer
// word gets a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case lipgloss.Width(line)+1+lipgloss.Width(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// paint holds the styles. Colour only repeats what a word or sign says too.
type paint struct {
	heading, quiet, good, soft, bad lipgloss.Style
}

func painter(colour bool) paint {
	plain := lipgloss.NewStyle()
	if !colour {
		return paint{plain, plain, plain, plain, plain}
	}
	return paint{
		heading: plain.Bold(true),
		quiet:   plain.Faint(true),
		good:    plain.Foreground(lipgloss.Green),
		soft:    plain.Foreground(lipgloss.Yellow),
		bad:     plain.Bold(true).Foreground(lipgloss.Red),
	}
}

// severity returns the style for a severity.
func (p paint) severity(s fault.Severity) lipgloss.Style {
	switch {
	case s >= fault.SeverityError:
		return p.bad
	case s == fault.SeverityWarning:
		return p.soft
	default:
		return p.heading
	}
}

// colourful reports whether w is a terminal that wants colours
// (https://no-color.org).
func colourful(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
