package message

import (
	"errors"
	"io"
)

var errNotYet = errors.New("message: not yet")

// A Part is one node of a message's part tree: the message itself, or a body
// part of it. Offsets count from the start of the message.
//
// Exactly one of these holds: Parts is not empty (a multipart), Message is
// set (type message/rfc822 or message/global), or the part is a leaf.
type Part struct {
	// HeaderStart to BodyStart is the header with the empty line that ends
	// it, if there is one; BodyStart to End is the body as it stands, still
	// transfer-encoded, without the line break that belongs to a boundary.
	HeaderStart, BodyStart, End int64
	// Lines is how many lines the body has; a last line without a line break
	// counts.
	Lines int64

	// Type and Subtype are the media type in lower case, never empty:
	// text/plain where the header has none that can be read, message/rfc822
	// in a multipart/digest (RFC 2046 §5.1.5).
	Type, Subtype string
	Params        []Param
	// ID, Description, MD5 and Location are the Content-… fields of that name,
	// unfolded, otherwise as written; "" where there is none.
	ID, Description, MD5, Location string
	// Encoding is Content-Transfer-Encoding in lower case, "7bit" where there
	// is none.
	Encoding string
	// Disposition is in lower case, "" where there is none.
	Disposition       string
	DispositionParams []Param
	Language          []string

	// Parts are the body parts of a multipart.
	Parts []*Part
	// Message is the message that a message/rfc822 part carries.
	Message *Part
	// Envelope is set on messages: the tree's root and every Message.
	Envelope *Envelope
}

// A Param is a parameter of a structured field. Name is in lower case. The
// continuations of RFC 2231 are joined; where a charset or percent-encoding
// is in use, Name ends in "*" and Value is still charset'language'encoded,
// which is the form that IMAP's BODYSTRUCTURE wants (RFC 2231 §8).
type Param struct{ Name, Value string }

// ParamValue returns the parameter of that name (given in lower case, without
// "*") decoded to Unicode, "" where there is none.
func ParamValue(params []Param, name string) string { return "" }

// Filename returns the name the part suggests for its content, decoded: from
// the disposition, else from the media type; "" where there is none.
func (p *Part) Filename() string { return "" }

// Find returns the part that IMAP addresses by path (RFC 3501 §6.4.5), nil
// where there is none. An empty path is p itself. Numbers count from 1; a
// leaf is its own part 1; a message/rfc822 part passes numbers on to the
// message that it carries.
func (p *Part) Find(path ...int) *Part { return nil }

// Header returns p's header, with the empty line that ends it, from the
// message in r.
func (p *Part) Header(r io.ReaderAt) *io.SectionReader {
	return io.NewSectionReader(r, p.HeaderStart, p.BodyStart-p.HeaderStart)
}

// Body returns p's body as it stands in the message in r.
func (p *Part) Body(r io.ReaderAt) *io.SectionReader {
	return io.NewSectionReader(r, p.BodyStart, p.End-p.BodyStart)
}

// Content returns p's body with the transfer encoding removed. Damaged
// base64 or quoted-printable is read as far as it makes sense; the only
// errors are r's.
func (p *Part) Content(r io.ReaderAt) io.Reader { return nil }

// Text returns the body of a leaf of type text as UTF-8: transfer encoding
// and charset removed, line breaks as they were. Bytes that the charset does
// not have become U+FFFD; an unknown charset is read as UTF-8, and what is
// not UTF-8 as windows-1252. The only errors are r's. For any other part it
// is empty.
func (p *Part) Text(r io.ReaderAt) io.Reader { return nil }
