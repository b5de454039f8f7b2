package delivery

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"postern/internal/wire/smtp"
)

// trace is what stands before the submitted bytes: where bounces go, and how
// the message came here (RFC 5321 §4.4).
func (d *Delivery) trace(e Envelope, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", e.From)
	fmt.Fprintf(&b, "Received: from %s (%s)\r\n", helloName(e.Client), literal(e.Client.Address))
	fmt.Fprintf(&b, "\tby %s with %s", d.hostname, protocol(e.Client))
	if e.Client.TLS != "" {
		fmt.Fprintf(&b, " (%s)", e.Client.TLS)
	}
	fmt.Fprintf(&b, " id %s", e.Client.Session)
	if len(e.To) == 1 {
		// With more recipients, each would learn of the others.
		fmt.Fprintf(&b, "\r\n\tfor <%s>", e.To[0].Address)
	}
	if e.Client.Cipher != "" {
		fmt.Fprintf(&b, "\r\n\ttls %s", e.Client.Cipher)
	}
	fmt.Fprintf(&b, ";\r\n\t%s\r\n", now.Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	return b.String()
}

// helloName is what the client calls itself, where that can stand in a
// Received field; its address otherwise.
func helloName(c Client) string {
	if smtp.IsDomain(c.Hello) {
		return c.Hello
	}
	return literal(c.Address)
}

// literal is an address literal (RFC 5321 §4.1.3).
func literal(a netip.Addr) string {
	if a.Is4() {
		return "[" + a.String() + "]"
	}
	return "[IPv6:" + a.String() + "]"
}

// protocol is the name of RFC 3848.
func protocol(c Client) string {
	if !c.Extended {
		return "SMTP"
	}
	name := "ESMTP"
	if c.TLS != "" {
		name += "S"
	}
	if c.Account != nil {
		name += "A"
	}
	return name
}
