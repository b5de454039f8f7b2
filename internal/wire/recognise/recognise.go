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
	// Text is readable text of no known protocol.
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
func Client(first []byte) Guess { return Guess{Protocol: Nothing} }

// Server judges the first bytes that a server sent.
func Server(first []byte) Guess { return Guess{Protocol: Nothing} }
