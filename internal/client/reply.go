package client

import (
	"strings"

	"postern/internal/wire/ports"
)

// Status is what a reply means, on one scale for the three protocols.
type Status int

// The meanings of a reply.
const (
	Unknown   Status = iota // no reply of this protocol
	OK                      // 2xx, +OK, OK, PREAUTH
	Continue                // 3xx, "+ "
	Temporary               // 4xx; -ERR or NO with a code that says "later"
	Permanent               // 5xx, -ERR, NO, BAD
	Closing                 // 421, BYE: the server ends the dialogue
)

var statusNames = [...]string{"unknown", "ok", "continue", "temporary", "permanent", "closing"}

// String returns the status in one lower-case word.
func (s Status) String() string { return statusNames[s] }

// Reply is one answer of a server, with the secrets of the connection masked.
type Reply struct {
	Status Status
	Code   string // SMTP "535", POP3 "-ERR", IMAP "NO"; "" when Unknown
	// Detail is what says more in the protocol's own grammar: the enhanced
	// status code of SMTP ("5.7.8"), the response code of POP3 and IMAP
	// ("AUTHENTICATIONFAILED").
	Detail string
	Text   string // the human part, lines joined by "\n"
	Raw    string // as it came, line ends included
}

// unknown is the reply for what is none.
func (c *Conn) unknown(raw string) Reply {
	return c.masked(Reply{Text: strings.TrimSpace(raw), Raw: raw})
}

// masked takes the connection's secrets out of a reply: a server may quote them.
func (c *Conn) masked(r Reply) Reply {
	r.Text, r.Raw = c.mask.Mask(r.Text), c.mask.Mask(r.Raw)
	return r
}

// OK reports whether the reply grants what was asked.
func (r Reply) OK() bool { return r.Status == OK }

// Capabilities are what a server says it can do, each a keyword with its
// arguments in upper case: "STARTTLS", "AUTH PLAIN LOGIN", "AUTH=PLAIN".
type Capabilities struct {
	Protocol ports.Protocol
	Keywords []string
}

// Has reports whether the server named the keyword, whatever its arguments.
func (c Capabilities) Has(keyword string) bool {
	for _, line := range c.Keywords {
		name, _, _ := strings.Cut(line, " ")
		if strings.EqualFold(name, keyword) {
			return true
		}
	}
	return false
}

// StartTLS reports whether the server offers to begin TLS now.
func (c Capabilities) StartTLS() bool {
	if c.Protocol == ports.POP3 {
		return c.Has("STLS")
	}
	return c.Has("STARTTLS")
}

// SASL returns the SASL mechanisms that the server names, in its order.
func (c Capabilities) SASL() []string {
	var names []string
	for _, line := range c.Keywords {
		switch fields := strings.Fields(line); {
		case len(fields) == 0:
		case c.Protocol == ports.IMAP && strings.HasPrefix(line, "AUTH="):
			names = append(names, line[len("AUTH="):])
		case c.Protocol == ports.POP3 && fields[0] == "SASL", c.Protocol == ports.SMTP && fields[0] == "AUTH":
			names = append(names, fields[1:]...)
		case c.Protocol == ports.SMTP && strings.HasPrefix(line, "AUTH="): // before RFC 2554
			names = append(names, strings.Fields(line[len("AUTH="):])...)
		}
	}
	return names
}

// Mechanism is a way to log in with a password.
type Mechanism string

// The mechanisms of this client.
const (
	Plain   Mechanism = "PLAIN" // SASL PLAIN, RFC 4616
	Login   Mechanism = "LOGIN" // SASL LOGIN, a draft of old that servers keep for Outlook
	Command Mechanism = "USER"  // the protocol's own: POP3 USER and PASS, IMAP LOGIN
)

// Mechanisms returns the ways to log in that both sides know, best first.
func (c Capabilities) Mechanisms() []Mechanism {
	var common []Mechanism
	for _, m := range []Mechanism{Plain, Login} {
		for _, name := range c.SASL() {
			if strings.EqualFold(name, string(m)) {
				common = append(common, m)
				break
			}
		}
	}
	switch {
	case c.Protocol == ports.IMAP && !c.Has("LOGINDISABLED"),
		c.Protocol == ports.POP3 && (c.Has("USER") || len(c.Keywords) == 0): // without CAPA, RFC 1939 §7
		common = append(common, Command)
	}
	return common
}
