package door

import "time"

// Every wait that the door imposes, in one place. What a protocol adds (how
// long a client may think between two commands) is set by the protocol through
// [Conn.SetCommandTimeout] from the constants below.
const (
	// FirstByte is how long a client may stay silent on a port that begins
	// with TLS before it is told so in plain text. A client that expects a
	// greeting there waits for ever and would blame the network.
	FirstByte = 15 * time.Second

	// Handshake bounds a whole TLS handshake.
	Handshake = 30 * time.Second

	// Suspect is how long an address that sent a ClientHello to a port that
	// begins in plain text is remembered.
	Suspect = 10 * time.Minute

	// Hold is how long such an address waits for its greeting at most, so that
	// a second ClientHello can be answered inside TLS.
	Hold = 300 * time.Millisecond

	// Naming is how long the door waits for the rest of the first bytes that a
	// stranger sent, so that the answer can name what it speaks.
	Naming = 200 * time.Millisecond

	// BeforeLogin is how long a client may think between two commands while it
	// has not logged in.
	BeforeLogin = 1 * time.Minute

	// CommandSMTP is RFC 5321 §4.5.3.2.7, CommandPOP3 is RFC 1939 §3,
	// CommandIMAP is RFC 3501 §5.4: each is the least that the RFC allows.
	CommandSMTP = 5 * time.Minute
	CommandPOP3 = 10 * time.Minute
	CommandIMAP = 30 * time.Minute

	// RestOfLine bounds the time from a line's first byte to its CRLF, so that
	// a client that drips bytes can't hold a session open.
	RestOfLine = 1 * time.Minute

	// DataRead bounds each wait for the next bytes of a body or literal
	// (RFC 5321 §4.5.3.2.5).
	DataRead = 3 * time.Minute

	// Grace is how long a client may keep the door waiting for all of a message
	// or literal, and for all that it says before login, beside the time that
	// the bytes take at SlowestRate. It is more than any single wait of the kind.
	Grace = 5 * time.Minute

	// SlowestRate is in bytes a second: a fifth of what a GSM data call of
	// 9.6 kbit/s brings, the slowest line that mail was ever sent over.
	SlowestRate = 256

	// Write bounds each write to the socket: a client that stops reading.
	Write = 2 * time.Minute

	// Drain is how long the door goes on reading after its last word. Closing
	// with unread bytes would send a reset, and the reset would destroy the
	// answer on its way to the client.
	Drain = 2 * time.Second

	// Goodbye is how long sessions have to end when the server stops.
	Goodbye = 10 * time.Second
)
