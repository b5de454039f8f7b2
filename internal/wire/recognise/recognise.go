// Package recognise tells from the first bytes of a connection which protocol
// they speak: what a client said to a mail port, or what a server said to a
// mail client.
//
// It judges bytes only. It reads no socket, and it does not know which
// protocol the port is for: its caller compares.
//
// It knows the record layer of TLS (RFC 8446 §5.1), HTTP (RFC 9112), SSH
// (RFC 4253 §4.2), FTP (RFC 959), SMTP, IMAP and POP3, the PROXY protocol's
// versions 1 and 2, and RDP's X.224 connection request.
package recognise

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Protocol is what the bytes speak.
type Protocol string

// The protocols, and the three ways of not being one.
const (
	TLS   Protocol = "TLS"
	HTTP  Protocol = "HTTP"
	SSH   Protocol = "SSH"
	FTP   Protocol = "FTP"
	SMTP  Protocol = "SMTP"
	IMAP  Protocol = "IMAP"
	POP3  Protocol = "POP3"
	PROXY Protocol = "PROXY"
	RDP   Protocol = "RDP"
	// Nothing stands for no bytes at all.
	Nothing Protocol = "nothing"
	// Text is readable text of no known protocol, or of one of several.
	Text Protocol = "text"
	// Binary is anything else.
	Binary Protocol = "binary"
)

// Kind says more about the bytes than their protocol.
type Kind string

// The kinds. Most protocols have none.
const (
	// ClientHello, ServerHello and Alert are TLS records.
	ClientHello Kind = "client-hello"
	ServerHello Kind = "server-hello"
	Alert       Kind = "alert"
	// Garbled is a mail greeting that a middlebox has overwritten with
	// asterisks.
	Garbled Kind = "garbled"
)

// Guess is what the bytes most likely are.
type Guess struct {
	Protocol Protocol
	// Kind is empty when there is nothing more to say.
	Kind Kind
	// Alert is the description of a TLS alert (RFC 8446 §6), when Kind is
	// Alert and it is not encrypted.
	Alert uint8
}

// MaxNeeded is how many bytes are always enough; more are not looked at.
const MaxNeeded = 512

// Client judges the first bytes that a client sent. A command that several
// protocols share (QUIT, NOOP, AUTH PLAIN) is Text.
func Client(first []byte) Guess {
	return judge(first, clientLine)
}

// Server judges the first bytes that a server sent.
func Server(first []byte) Guess {
	return judge(first, serverLine)
}

// judge tries the protocols that are not made of lines, then asks byLine about
// the first line.
func judge(first []byte, byLine func(line string) Guess) Guess {
	first = first[:min(len(first), MaxNeeded)]
	if len(first) == 0 {
		return Guess{Protocol: Nothing}
	}
	if g, ok := tlsRecord(first); ok {
		return g
	}
	switch {
	case isRDP(first):
		return Guess{Protocol: RDP}
	case bytes.HasPrefix(first, []byte("PROXY ")), bytes.HasPrefix(first, proxyV2):
		return Guess{Protocol: PROXY}
	case bytes.HasPrefix(first, []byte("SSH-")):
		return Guess{Protocol: SSH}
	}
	line, _, _ := strings.Cut(string(first), "\n")
	if g := byLine(strings.TrimRight(line, "\r")); g.Protocol != "" {
		return g
	}
	if isText(first) {
		return Guess{Protocol: Text}
	}
	return Guess{Protocol: Binary}
}

// proxyV2 opens a PROXY header of version 2.
var proxyV2 = []byte("\r\n\r\n\x00\r\nQUIT\n")

// isRDP reports a TPKT header (RFC 1006) with an X.224 connection request or
// confirm in it.
func isRDP(b []byte) bool {
	return len(b) >= 6 && b[0] == 3 && b[1] == 0 && (b[5] == 0xe0 || b[5] == 0xd0)
}

// isText reports readable UTF-8. The last character may be cut.
func isText(b []byte) bool {
	for len(b) > 0 {
		c, size := utf8.DecodeRune(b)
		if c == utf8.RuneError && size == 1 {
			return !utf8.FullRune(b)
		}
		if !unicode.IsPrint(c) && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
		b = b[size:]
	}
	return true
}
