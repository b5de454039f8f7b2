package report

import (
	"fmt"
	"io"
	"strings"

	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// ownerWords says who must act, in words for people.
var ownerWords = map[fault.Owner]string{
	fault.User:        "you",
	fault.Network:     "whoever runs your network (router, company, internet provider)",
	fault.Provider:    "the mail provider",
	fault.ServerAdmin: "the administrator of the mail server",
	fault.DomainOwner: "the owner of the domain",
}

// Page writes the catalogue page of a fault.
func Page(w io.Writer, f fault.Fault) error {
	p := newPage(w)
	f = f.With(nil)
	p.line(p.heading.Render(string(f.ID)+"  "+f.Name), "  ", p.severity(f.Severity).Render("["+f.Severity.String()+"]"))
	p.paragraph("", f.Title)
	p.blank()
	p.paragraph("  ", f.Explanation)
	p.section("How it shows")
	p.paragraph("  ", f.Evidence)
	p.section("Who can mend it")
	p.paragraph("  ", owners(f.Owner, f.Also))
	p.section("What to do")
	p.steps("  ", f.Fix)
	p.section("How to see that it is mended")
	p.paragraph("  ", f.Verify)
	return p.writeTo(w)
}

// section adds a heading after an empty line.
func (p *page) section(title string) {
	p.blank()
	p.line(p.heading.Render(title))
}

// steps adds a numbered list; a single step needs no number.
func (p *page) steps(indent string, steps []string) {
	mark := numbers(len(steps))
	for i, step := range steps {
		p.paragraph(indent+mark(i), step)
	}
}

// owners lists who must act and who may have to.
func owners(owner fault.Owner, also []fault.Owner) string {
	text := ownerWords[owner]
	for _, o := range also {
		text += ", or " + ownerWords[o]
	}
	return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):] + "."
}

var protocolWords = map[ports.Protocol]string{
	ports.IMAP: "IMAP", ports.POP3: "POP3", ports.SMTP: "SMTP",
}

var securityWords = map[ports.Security]string{
	ports.TLS: "SSL/TLS", ports.StartTLS: "STARTTLS", ports.None: "none",
}

// Ports writes a table of mail ports, or one port in full.
func Ports(w io.Writer, list []ports.Port) error {
	p := newPage(w)
	for _, port := range list {
		p.blank()
		p.line(p.heading.Render(fmt.Sprintf("%-5d %s, %s", port.Number, protocolWords[port.Protocol], securityWords[port.Security])),
			choice(port))
		p.paragraph("      ", strings.ToUpper(port.Purpose[:1])+port.Purpose[1:]+".")
		p.paragraph("      ", port.Advice)
	}
	return p.writeTo(w)
}

func choice(port ports.Port) string {
	switch {
	case port.Rank == 1:
		return "  (first choice)"
	case port.Rank == 0:
		return "  (not for mail programs)"
	}
	return ""
}
