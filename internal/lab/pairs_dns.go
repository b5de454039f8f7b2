package lab

import (
	"fmt"

	"postern/internal/wire/ports"
)

var dnsPairs = []pair{
	{
		id: "dn02-host-record-missing", fault: "DN02",
		title:  "The domain names a mail server that has no address record",
		breaks: func(w *world) { w.hide("A", "AAAA", "PTR") },
	},
	{
		id: "dn02-host-mistyped", fault: "DN02",
		title:  "The user types the server's name with two letters swapped",
		both:   func(w *world) { w.target = w.typed(func() string { return w.host }) },
		breaks: func(w *world) { w.target = w.typed(func() string { return swapLetters(w.host) }) },
	},
	{
		id: "dn08-no-mail-records", fault: "DN08",
		title:  "The domain exists and has neither MX nor address",
		breaks: func(w *world) { w.hide("MX", "A", "AAAA", "PTR", "SRV") },
	},
}

// typed is a target of host and port: that of IMAP with STARTTLS, which greets
// at once.
func (w *world) typed(host func() string) func() string {
	return func() string {
		for _, s := range w.of(ports.IMAP) {
			if s.Security == ports.StartTLS {
				return fmt.Sprintf("%s:%d", host(), s.addr.Port())
			}
		}
		return host()
	}
}

// swapLetters exchanges the second and third letter, as in "smpt".
func swapLetters(host string) string {
	b := []byte(host)
	b[1], b[2] = b[2], b[1]
	return string(b)
}
