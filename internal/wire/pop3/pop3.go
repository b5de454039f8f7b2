// Package pop3 is the grammar of the Post Office Protocol, for both sides of a
// connection: commands, status lines with their response codes, listings, and
// the dot-stuffed text of multi-line responses.
//
// It opens no socket and keeps no session. Parsers take any bytes and return a
// value or an error.
//
// It follows RFC 1939 (POP3), RFC 2449 (CAPA and response codes), RFC 2595
// (STLS), RFC 3206 (AUTH and SYS codes) and RFC 5034 (AUTH).
package pop3

// Limits on what a server reads, in octets without the CRLF.
const (
	// MaxCommandLine is the longest command line a server takes. RFC 2449 §4
	// asks for 255; passwords and user names can be longer.
	MaxCommandLine = 1024
	// MaxAuthLine is the longest line of a SASL exchange (RFC 5034 §4).
	MaxAuthLine = 12288
	// MaxStatusLine is the longest status line a server sends, CRLF included
	// (RFC 2449 §4).
	MaxStatusLine = 512
)
