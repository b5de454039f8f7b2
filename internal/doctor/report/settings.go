package report

import (
	"fmt"
	"strings"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// settings writes what to type into a mail program, in its words.
func (p *page) settings(run *evidence.Run, result diagnose.Result) {
	var in, out []diagnose.Setting
	for _, s := range result.Settings {
		if s.Use == evidence.Incoming {
			in = append(in, s)
		} else {
			out = append(out, s)
		}
	}
	switch {
	case len(in)+len(out) == 0 && result.Verdict != diagnose.Faulty:
		return
	case len(in)+len(out) == 0:
		p.section("Settings")
		p.paragraph("  ", "No settings work until the faults above are mended.")
		return
	case result.Verdict == diagnose.Healthy:
		p.section("Settings for your mail program")
	default:
		p.section("Settings that would work")
	}
	p.half("Incoming mail", in)
	p.half("Outgoing mail", out)
	if result.Verdict != diagnose.Faulty {
		return
	}
	switch {
	case len(in) == 0:
		p.paragraph(fmt.Sprintf("  %-24s", "Incoming mail"), "none of the ports that were tested works")
	case len(out) == 0:
		p.paragraph(fmt.Sprintf("  %-24s", "Outgoing mail"), "none of the ports that were tested works")
	}
}

// half writes the best of one half of the settings, and the others in short.
func (p *page) half(title string, list []diagnose.Setting) {
	if len(list) == 0 {
		return
	}
	best := list[0]
	for _, field := range [][2]string{
		{title, protocolWords[best.Protocol]},
		{"  Server name", best.Host},
		{"  Port", fmt.Sprint(best.Port)},
		{"  Connection security", securityOf(best)},
		{"  Authentication", authWords[best.Auth]},
		{"  User name", userWords(best)},
	} {
		p.paragraph(fmt.Sprintf("  %-24s", field[0]), field[1])
	}
	if len(list) > 1 {
		var others []string
		for _, s := range list[1:] {
			others = append(others, otherWords(s, best))
		}
		p.paragraph(fmt.Sprintf("  %-24s", "  Or"), strings.Join(others, "; "))
	}
}

var authWords = map[string]string{
	diagnose.AuthPassword: "normal password",
	diagnose.AuthOAuth2:   "OAuth2 (the server takes no password)",
	diagnose.AuthNone:     "none",
}

// securityOf names the security, and says why it is not the better one.
func securityOf(s diagnose.Setting) string {
	if s.Security == ports.StartTLS {
		return "STARTTLS (no " + protocolWords[s.Protocol] + " port with SSL/TLS works here)"
	}
	return securityWords[s.Security]
}

// otherWords is a setting in short; the host only where it differs.
func otherWords(s, best diagnose.Setting) string {
	text := fmt.Sprintf("%s port %d (%s)", protocolWords[s.Protocol], s.Port, securityWords[s.Security])
	if s.Host != best.Host {
		text = s.Host + " " + text
	}
	return text
}

func userWords(s diagnose.Setting) string {
	switch {
	case s.User != "":
		return s.User
	case s.UserForm == evidence.UserLocalPart:
		return "the part of your address before the @"
	default:
		return "your whole mail address"
	}
}
