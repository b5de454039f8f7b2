// Package ports knows the ports that mail is served on: number, protocol,
// security, role, and which of them to prefer and why. It is data; it opens
// nothing.
//
// RFC 8314 (implicit TLS preferred), RFC 6409 (submission on 587), RFC 5321
// (relay on 25), RFC 6186 (service names in SRV records).
package ports

import (
	"fmt"
	"slices"
)

// Protocol is a mail protocol, by the name that settings and reports use.
type Protocol string

// The mail protocols.
const (
	SMTP Protocol = "smtp"
	POP3 Protocol = "pop3"
	IMAP Protocol = "imap"
)

// Security is how a connection is protected.
type Security string

// The kinds of security: TLS from the first byte, TLS after a command in
// plain text, or none at all.
const (
	TLS      Security = "tls"
	StartTLS Security = "starttls"
	None     Security = "none"
)

// Role is whom a port is for.
type Role string

// The roles: Relay is for other mail servers, Submission for people who send,
// Access for people who read.
const (
	Relay      Role = "relay"
	Submission Role = "submission"
	Access     Role = "access"
)

// Port is one standard mail port.
type Port struct {
	Number   int      // as assigned, 1 to 65535
	Protocol Protocol // what is spoken
	Security Security // how it is protected
	Role     Role     // whom it is for
	Service  string   // name in SRV records (RFC 6186, RFC 8314), or "" where there is none
	Rank     int      // 1 is the first choice among the ports of this protocol for people; 0: not for people
	Purpose  string   // what it is for, one line
	Advice   string   // when to choose it and why
}

// all is ordered by protocol, then rank, as people choose.
var all = []Port{
	{993, IMAP, TLS, Access, "imaps", 1, "reading mail that stays on the server (IMAP)",
		"First choice for reading mail: encrypted from the first byte, so nothing on the way can strip the encryption."},
	{143, IMAP, StartTLS, Access, "imap", 2, "reading mail that stays on the server (IMAP)",
		"Only where 993 is not offered, and only with STARTTLS: the connection begins in plain text."},
	{995, POP3, TLS, Access, "pop3s", 1, "fetching mail to one device (POP3)",
		"First choice for POP3: encrypted from the first byte. Prefer IMAP on 993 when more than one device reads the mailbox."},
	{110, POP3, StartTLS, Access, "pop3", 2, "fetching mail to one device (POP3)",
		"Only where 995 is not offered, and only with STARTTLS (STLS): the connection begins in plain text."},
	{465, SMTP, TLS, Submission, "submissions", 1, "sending mail from a mail program (submission)",
		"First choice for sending: encrypted from the first byte (RFC 8314)."},
	{587, SMTP, StartTLS, Submission, "submission", 2, "sending mail from a mail program (submission)",
		"Where 465 is not offered or is blocked, with STARTTLS. Some providers offer only this one."},
	{2525, SMTP, StartTLS, Submission, "", 3, "sending mail where networks block the other ports (submission)",
		"No standard port, but many providers listen there: try it, with STARTTLS, where 465 and 587 are blocked."},
	{26, SMTP, StartTLS, Submission, "", 4, "sending mail where networks block the other ports (submission)",
		"No standard port; some web hosts offer it, with STARTTLS, where 25 and 587 are blocked."},
	{25, SMTP, StartTLS, Relay, "", 0, "mail servers handing mail to each other (relay)",
		"Not for mail programs: most networks block it and most servers allow no login here. Send through 465 or 587."},
}

// All returns every standard mail port, ordered by protocol and preference.
func All() []Port { return slices.Clone(all) }

// Lookup finds a standard port by its number.
func Lookup(number int) (Port, bool) {
	for _, p := range all {
		if p.Number == number {
			return p, true
		}
	}
	return Port{}, false
}

// Offset is added to every standard number, so that servers and checks can run
// beside others or without privileges. 0 means the standard ports.
type Offset int

// Number returns where p is found under this offset.
func (o Offset) Number(p Port) int { return p.Number + int(o) }

// Lookup finds the standard port that number stands for under this offset.
func (o Offset) Lookup(number int) (Port, bool) { return Lookup(number - int(o)) }

// Check returns an error when some standard port would leave 1 to 65535.
func (o Offset) Check() error {
	for _, p := range all {
		if n := o.Number(p); n < 1 || n > 65535 {
			return fmt.Errorf("port offset %d moves port %d to %d, which is no port: choose an offset from 0 to 60000", o, p.Number, n)
		}
	}
	return nil
}
