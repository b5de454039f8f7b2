package door

import (
	"crypto/tls"
	"fmt"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/wire/ports"
	"postern/internal/wire/recognise"
)

// lost is the error for a client that came to the wrong door: what it speaks is
// g. It is told in the port's protocol, and its owner finds it among the
// attempts.
func (c *Conn) lost(g recognise.Guess) error {
	switch {
	case g.Protocol == recognise.TLS && (c.Secure() || c.port.Security == ports.TLS):
		return c.misdirected(c.adviseRecord(g))
	case g.Protocol == recognise.TLS:
		return c.lostTLS()
	}
	return c.misdirected(c.server.advise(c.port, g))
}

// lostTLS is lost for a client that began with TLS where plain text comes
// first.
func (c *Conn) lostTLS() error {
	c.server.suspects.add(c.remote.Addr())
	return c.misdirected(c.server.adviseTLS(c.port), "began with TLS on a port that begins in plain text")
}

func (c *Conn) misdirected(e *fault.Error, detail string) error {
	e.Op, e.Object = "understand", "client "+c.remote.Addr().String()
	c.record(activity.Misdirected, e, detail)
	return e
}

// advise says which fault it is to speak g to a port, and what to choose
// instead. The detail is for the record.
func (s *Server) advise(port Port, g recognise.Guess) (e *fault.Error, detail string) {
	switch g.Protocol {
	case recognise.Nothing:
		return s.advisePlain(port), fmt.Sprintf("said nothing for %d s on a port that begins with TLS", int(FirstByte.Seconds()))
	case recognise.Text, spoken(port.Protocol):
		return s.advisePlain(port), "spoke plain text on a port that begins with TLS"
	case recognise.SMTP, recognise.POP3, recognise.IMAP:
		return s.adviseProtocol(port, g.Protocol), fmt.Sprintf("spoke %s on a port for %s", g.Protocol, spoken(port.Protocol))
	case recognise.PROXY:
		return &fault.Error{Fault: "GW16", Client: "the PROXY protocol is not expected here: turn it off in the load balancer"},
			"sent a PROXY protocol header"
	case recognise.Binary:
		return &fault.Error{Fault: "GW05", Client: fmt.Sprintf("this port speaks %s; what came is not", spoken(port.Protocol))},
			"sent bytes of no known protocol"
	default:
		return &fault.Error{Fault: "GW05", Client: fmt.Sprintf("this port speaks %s, not %s", spoken(port.Protocol), g.Protocol)},
			fmt.Sprintf("spoke %s on a port for %s", g.Protocol, spoken(port.Protocol))
	}
}

// advisePlain is for plain text, or nothing, on a port that begins with TLS.
func (s *Server) advisePlain(port Port) *fault.Error {
	text := fmt.Sprintf("this port begins with TLS: choose SSL/TLS for port %d", port.Number)
	if other, ok := s.sibling(port, ports.StartTLS); ok {
		text += fmt.Sprintf(", or STARTTLS with port %d", other.Number)
	}
	return &fault.Error{Fault: "GW08", Client: text}
}

// adviseRecord is for a record of TLS that has no place: the beginning of SSL 2
// or no beginning at all where TLS comes first, or any inside TLS.
func (c *Conn) adviseRecord(g recognise.Guess) (e *fault.Error, detail string) {
	switch {
	case c.Secure() && g.Kind == recognise.ClientHello:
		return &fault.Error{Fault: "GW07", Client: "TLS is on already: the client began it twice"},
			"began TLS once more inside TLS"
	case g.Kind == recognise.ClientHello:
		return &fault.Error{Fault: "CL06", Client: "this client begins as SSL 2 did, and needs TLS 1.2 at least: update it"},
			"is too old: it speaks SSL 2"
	case g.Kind == recognise.Alert:
		return &fault.Error{Fault: "GW05", Client: "a TLS alert came where a session begins"},
			fmt.Sprintf("began with an alert (%v)", tls.AlertError(g.Alert))
	}
	return &fault.Error{Fault: "GW05", Client: "a TLS record came that begins nothing"},
		"began with a TLS record that begins nothing"
}

// adviseTLS is for a ClientHello on a port that begins in plain text.
func (s *Server) adviseTLS(port Port) *fault.Error {
	other := ""
	if tlsPort, ok := s.sibling(port, ports.TLS); ok {
		other = fmt.Sprintf("SSL/TLS with port %d", tlsPort.Number)
	}
	var text string
	switch {
	case port.Role == ports.Relay:
		text = fmt.Sprintf("port %d begins in plain text and is for other mail servers", port.Number) + prefixed("; to send mail choose ", other)
	default:
		text = fmt.Sprintf("this port begins in plain text: choose STARTTLS for port %d", port.Number) + prefixed(", or ", other)
	}
	return &fault.Error{Fault: "GW07", Client: text}
}

// prefixed is s with something before it, where there is an s.
func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// adviseProtocol is for one mail protocol on another's port.
func (s *Server) adviseProtocol(port Port, speaks recognise.Protocol) *fault.Error {
	text := fmt.Sprintf("this port speaks %s, not %s", spoken(port.Protocol), speaks)
	for _, sec := range []ports.Security{ports.TLS, ports.StartTLS} {
		if other, ok := s.find(spokenBy(speaks), sec); ok {
			text += fmt.Sprintf(": for %s use port %d with %s", speaks, other.Number, label(sec))
			break
		}
	}
	return &fault.Error{Fault: "GW06", Client: text}
}

// sibling is the port that does the same as this one with another security.
func (s *Server) sibling(port Port, sec ports.Security) (Port, bool) {
	return s.find(port.Protocol, sec)
}

// find returns the first port for people that speaks p with that security.
func (s *Server) find(p ports.Protocol, sec ports.Security) (Port, bool) {
	for _, other := range s.ports {
		if other.Protocol == p && other.Security == sec && other.Role != ports.Relay {
			return other, true
		}
	}
	return Port{}, false
}

// label is the name that mail programs have for a security.
func label(sec ports.Security) string {
	if sec == ports.TLS {
		return "SSL/TLS"
	}
	return "STARTTLS"
}

// spoken is how recognise calls a mail protocol; spokenBy is the way back.
func spoken(p ports.Protocol) recognise.Protocol {
	switch p {
	case ports.SMTP:
		return recognise.SMTP
	case ports.POP3:
		return recognise.POP3
	}
	return recognise.IMAP
}

func spokenBy(p recognise.Protocol) ports.Protocol {
	switch p {
	case recognise.SMTP:
		return ports.SMTP
	case recognise.POP3:
		return ports.POP3
	}
	return ports.IMAP
}
