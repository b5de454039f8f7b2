// Package smtp is the grammar of the Simple Mail Transfer Protocol, for both
// sides of a connection: commands, paths, replies, the EHLO keywords, and the
// dot-stuffed text that DATA carries.
//
// It opens no socket and keeps no session: which command is allowed when is
// decided by whoever holds the connection. Parsers take any bytes and return a
// value or an error.
//
// It follows RFC 5321 (SMTP), RFC 2034 and 3463 (enhanced status codes),
// RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 4954 (AUTH), RFC 3207 (STARTTLS)
// and RFC 2920 (PIPELINING). Addresses are ASCII: there is no SMTPUTF8 here.
package smtp

// Limits on what a server reads, in octets without the CRLF unless said
// otherwise (RFC 5321 §4.5.3.1, RFC 4954 §4).
const (
	// MaxCommandLine is the longest command line a server takes. The RFC asks
	// for 512 and lets each extension add to it; 2048 leaves room for all.
	MaxCommandLine = 2048
	// MaxAuthLine is the longest line of a SASL exchange (RFC 4954 §4).
	MaxAuthLine = 12288
	// MaxReplyLine is the longest reply line a server sends, CRLF included.
	MaxReplyLine = 512
	// MaxLocal, MaxDomain and MaxLabel limit the parts of an address.
	MaxLocal  = 64
	MaxDomain = 255
	MaxLabel  = 63
)
