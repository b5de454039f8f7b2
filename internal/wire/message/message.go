// Package message reads and writes Internet messages: header fields,
// addresses, dates, the MIME part tree with byte offsets, decoded text,
// search, and composing.
//
// Reading never fails on what the bytes are: any bytes give a tree. An error
// from this package means that reading the source itself failed. Every
// reader works in bounded memory, whatever the size of the message: depth,
// number of parts, addresses, parameters and the header text that is kept
// are limited by the constants below, and what lies beyond a limit stays
// part of the nearest part that is within it.
//
// The package never changes a message: callers that need its bytes take them
// from the source by the offsets of the part tree. It never prints IMAP (that
// is wire/imap) and opens nothing.
//
// RFC 5322 (header, addresses, dates), RFC 2045 to 2047 and 2183 (MIME),
// RFC 2231 (parameters), RFC 6532 (UTF-8 in headers), RFC 5051 (collation
// i;unicode-casemap, for search), RFC 3501 §7.4.2 (what an envelope is).
package message

// Limits of what Parse looks at.
const (
	// MaxDepth is how many levels of multipart and message/rfc822 a tree has.
	// A container below that is a leaf of type application/octet-stream.
	MaxDepth = 50
	// MaxParts is how many parts a tree has. What follows the last of them in
	// a multipart counts as its epilogue.
	MaxParts = 10_000
	// MaxField is how many bytes of one header field are looked at.
	MaxField = 64 << 10
	// MaxAddresses is how many addresses are read from one field.
	MaxAddresses = 5_000
	// MaxParams is how many parameters are kept of one field.
	MaxParams = 64
	// MaxKept is how many bytes of header text a whole tree keeps. Values that
	// come after that are empty.
	MaxKept = 1 << 20
)
