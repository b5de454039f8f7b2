package diagnose

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"postern/internal/doctor/evidence"
)

// place is "mail.example.com (192.0.2.1) port 993".
func (s *seen) place() string {
	if s.Host == s.Address || s.Host == "" {
		return net.JoinHostPort(s.Address, strconv.Itoa(s.Port))
	}
	return fmt.Sprintf("%s (%s) port %d", s.Host, s.Address, s.Port)
}

// line is a fact at one place as a line of its own.
func (f fact) line() string {
	text := f.text
	if f.took != nil {
		text += " after " + took(*f.took)
	}
	if f.at == nil {
		return text
	}
	return f.at.place() + ": " + text
}

func connectFact(s *seen) fact {
	f := fact{at: s, text: "connected", took: &s.Connect.Took}
	if s.Connect.Failure != nil {
		f.text = failureWords(s.Connect.Failure)
	}
	return f
}

func greetingFact(s *seen) fact {
	g := s.Greeting
	f := fact{at: s, took: &g.Took}
	switch {
	case g.Failure != nil && g.Failure.Kind == evidence.Timeout && g.Text == "":
		f.text, f.took = "connected, then silence for "+took(g.Took), nil
	case g.Failure != nil && g.Failure.Kind == evidence.Timeout:
		f.text, f.took = "begins its greeting with \""+firstLine(g.Text)+"\" and does not end it in "+took(g.Took), nil
	case g.Failure != nil && g.Text == "":
		f.text = "connected, then " + failureWords(g.Failure)
	default:
		f.text = "greets with \"" + firstLine(g.Text) + "\""
	}
	return f
}

func tlsFact(s *seen) fact {
	f := fact{at: s, took: &s.TLS.Took}
	switch t := s.TLS.Failure; t.Kind {
	case evidence.TLSAlert:
		f.text = fmt.Sprintf("TLS alert %d (%s)", t.Alert, cut(t.Text))
	case evidence.TLSNotTLS:
		f.text = "answers TLS with \"" + firstLine(t.Received) + "\""
	case evidence.TLSTimeout:
		f.text = "no answer to TLS"
	case evidence.TLSReset:
		f.text = "reset in answer to TLS"
	case evidence.TLSClosed:
		f.text = "closed in answer to TLS"
	default:
		f.text = cut(t.Text)
	}
	return f
}

func failureWords(f *evidence.Failure) string {
	words := map[evidence.FailureKind]string{
		evidence.Refused:     "connection refused",
		evidence.Timeout:     "no answer",
		evidence.Unreachable: "unreachable",
		evidence.Denied:      "forbidden by this machine",
		evidence.Reset:       "reset",
		evidence.Closed:      "closed",
		evidence.TooMuch:     "more bytes than any honest server sends",
	}[f.Kind]
	if words == "" {
		words = f.Text
	}
	if f.Errno != "" {
		words += " (" + f.Errno + ")"
	}
	if f.From != "" {
		words += ", says " + f.From
	}
	return cut(words)
}

// replyWords is a reply as the server wrote it, near enough.
func replyWords(r *evidence.Reply) string {
	parts := []string{r.Code}
	if r.Detail != "" && strings.HasPrefix(r.Code, "+") || r.Detail != "" && !isDigits(r.Code) {
		parts = append(parts, "["+r.Detail+"]")
	} else if r.Detail != "" {
		parts = append(parts, r.Detail)
	}
	return cut(strings.TrimSpace(strings.Join(append(parts, r.Text), " ")))
}

// firstLine is the first line of bytes in their printable form.
func firstLine(printable string) string {
	for _, end := range []string{`\x0d`, `\x0a`} {
		if line, _, more := strings.Cut(printable, end); more {
			return cut(line) + " ..."
		}
	}
	return cut(printable)
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// cut makes one line of at most 300 bytes.
func cut(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= 300 {
		return s
	}
	s = s[:300]
	for !utf8.ValidString(s) && len(s) > 296 {
		s = s[:len(s)-1]
	}
	return s + " ..."
}

// took writes a time with no more digits than matter.
func took(m evidence.Millis) string {
	switch ms := float64(m); {
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	default:
		return fmt.Sprintf("%.1f ms", ms)
	}
}

// tookRange is "4.0 s" or "0.3 ms to 12 ms".
func tookRange(least, most evidence.Millis) string {
	if took(least) == took(most) {
		return took(least)
	}
	return took(least) + " to " + took(most)
}

// portWords is "port 993" or "ports 993 and 143".
func portWords(places []*seen) string {
	var numbers []string
	for _, s := range places {
		if n := strconv.Itoa(s.Port); !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return plural(len(numbers), "port") + " " + list(numbers)
}

// protocolWords is "IMAP" or "IMAP and SMTP".
func protocolWords(places []*seen) string {
	var names []string
	for _, s := range places {
		if n := strings.ToUpper(string(s.Protocol)); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return list(names)
}

// placeWords is "mail.example.com (192.0.2.1, 2001:db8::1) ports 993 and 143":
// addresses that show something on the same ports share the list.
func placeWords(places []*seen) string {
	if len(places) == 1 {
		return places[0].place()
	}
	type server struct{ host, address string }
	var servers []server
	ports := map[server][]*seen{}
	for _, s := range places {
		at := server{s.Host, s.Address}
		if ports[at] == nil {
			servers = append(servers, at)
		}
		ports[at] = append(ports[at], s)
	}
	var order []string // host and ports
	addresses := map[string][]string{}
	for _, at := range servers {
		key := at.host + " " + portWords(ports[at])
		if addresses[key] == nil {
			order = append(order, key)
		}
		addresses[key] = append(addresses[key], at.address)
	}
	var words []string
	for _, key := range order {
		host, numbers, _ := strings.Cut(key, " ")
		if of := strings.Join(addresses[key], ", "); of != host {
			host += " (" + of + ")"
		}
		words = append(words, strings.TrimSpace(host+" "+numbers))
	}
	return strings.Join(words, "; ")
}

func day(t time.Time) string   { return t.UTC().Format("2006-01-02") }
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// ago is "3 days ago (2026-11-18)".
func ago(t, now time.Time) string {
	d := now.Sub(t)
	switch hours := int(d.Hours()); {
	case hours < 1:
		return "less than an hour ago (" + stamp(t) + ")"
	case hours < 48:
		return fmt.Sprintf("%d %s ago (%s)", hours, plural(hours, "hour"), stamp(t))
	default:
		return fmt.Sprintf("%d days ago (%s)", hours/24, day(t))
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// list is "a, b and c".
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// listNames is list for names on a certificate, of which there may be many.
func listNames(names []string) string {
	switch {
	case len(names) == 0:
		return "no name at all"
	case len(names) > 4:
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", len(names)-3)
	}
	return list(names)
}
