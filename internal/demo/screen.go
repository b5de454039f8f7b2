package demo

import (
	"fmt"
	"io"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"postern/internal/lab"
	"postern/internal/wire/ports"
)

// screen writes what the user sees, at most 80 columns wide where the data
// allows it. Colour only repeats what a word says; what is no terminal gets none.
type screen struct {
	out io.Writer
	err error // the first of writing
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	good  = lipgloss.NewStyle().Foreground(lipgloss.Green)
	bad   = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red)
)

var securityWords = map[ports.Security]string{ports.TLS: "SSL/TLS", ports.StartTLS: "STARTTLS"}

func (s *screen) line(parts ...string) {
	_, err := lipgloss.Fprintln(s.out, strings.Join(parts, ""))
	if s.err == nil {
		s.err = err
	}
}

func (s *screen) heading(text string) {
	s.line()
	s.line(bold.Render(text))
}

func (s *screen) row(name, value string) {
	s.line(fmt.Sprintf("  %-13s ", name), value)
}

func (s *screen) done(text string)   { s.line("  ", good.Render("ok"), "    ", text) }
func (s *screen) failed(text string) { s.line("  ", bad.Render("FAIL"), "  ", text) }

// doneAt says beside what was done where that was, and how long it took.
func (s *screen) doneAt(text, where string, took time.Duration) {
	const column = 49
	text += strings.Repeat(" ", max(1, column-lipgloss.Width(text)))
	s.done(fmt.Sprintf("%s%-14s %5d ms", text, where, took.Milliseconds()))
}

// surroundings shows what there is: a mail host with everything around it.
func (s *screen) surroundings(d *demo) {
	s.line(bold.Render("A mail host for "+domain), ", on this machine only (", d.addressList(), ")")
	s.line()
	s.row("Accounts", fmt.Sprintf("%-17s password %s", alice, d.home.passwords[alice].Reveal()))
	s.row("", fmt.Sprintf("%-17s password %s", bob, d.home.passwords[bob].Reveal()))
	for _, group := range portGroups {
		s.row(group.name, d.portList(group))
	}
	s.row("DNS", fmt.Sprintf("%s answers A, AAAA, MX, SRV and TXT of %s", d.resolver, domain))
	s.row("Certificate", d.home.certificate.names)
	s.row("", faint.Render(d.home.certificate.origin))
	s.row("Data", d.home.dir)
	if d.home.temporary {
		s.row("", faint.Render("removed at the end; --data DIR keeps it"))
	}
}

// portGroup is the ports of one protocol for one purpose.
type portGroup struct {
	name     string
	protocol ports.Protocol
	role     ports.Role
}

// portGroups are the rows of ports, in the order that a reader expects.
var portGroups = []portGroup{
	{"Reading", ports.IMAP, ports.Access},
	{"", ports.POP3, ports.Access},
	{"Sending", ports.SMTP, ports.Submission},
	{"Other servers", ports.SMTP, ports.Relay},
}

// portList is such as "IMAP  10993 SSL/TLS   10143 STARTTLS".
func (d *demo) portList(group portGroup) string {
	var order []ports.Security
	numbers := make(map[ports.Security][]string)
	for _, p := range ports.All() {
		if p.Protocol != group.protocol || p.Role != group.role {
			continue
		}
		if numbers[p.Security] == nil {
			order = append(order, p.Security)
		}
		numbers[p.Security] = append(numbers[p.Security], fmt.Sprint(d.Offset.Number(p)))
	}
	var parts []string
	for _, security := range order {
		parts = append(parts, strings.Join(numbers[security], ", ")+" "+securityWords[security])
	}
	return fmt.Sprintf("%s  %s", strings.ToUpper(string(group.protocol)), strings.Join(parts, "   "))
}

func (d *demo) addressList() string {
	var names []string
	for _, a := range d.addresses {
		names = append(names, a.String())
	}
	return strings.Join(names, " and ")
}

// invitation says what to do next. The command line is broken where a shell
// joins it again.
func (s *screen) invitation(d *demo) {
	if d.Once {
		s.heading("Without --once it stays up, to be tried from a second terminal")
	} else {
		s.heading("Try it yourself, in a second terminal")
	}
	args := d.checkArguments()
	s.line("  ", lab.CommandLine(d.Command, args[0], args[1]), ` \`)
	for i := 2; i < len(args); i += 2 {
		end := ` \`
		if i+2 == len(args) {
			end = ""
		}
		s.line("    ", lab.CommandLine(args[i:i+2]...), end)
	}
	s.line()
	s.line("or with a mail program on this machine: its server is then localhost, because")
	s.line("no other name server knows ", domain, ".")
}

func (s *screen) staying() {
	s.line()
	s.line("The mail host stays up. ", bold.Render("Ctrl-C"), " ends it.")
}
