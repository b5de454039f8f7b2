package message

import "io"

// A Content is a message, or one part of it, to be written by Compose.
type Content struct {
	// Fields are written first, in order. MIME-Version and the Content-…
	// fields below are added by Compose.
	Fields []Field
	// Type is the media type, such as "text/plain" or "multipart/mixed";
	// text/plain where it is empty.
	Type string
	// Params are added to the media type; values are Unicode. charset and
	// boundary are added by Compose.
	Params []Param
	// Disposition is "inline", "attachment" or "". Filename is Unicode.
	Disposition, Filename string

	// Parts is the content of a multipart. Otherwise Text is the content of a
	// leaf, Unicode with lines ending in LF or CRLF, written as plain ASCII,
	// quoted-printable or base64, whichever suits it; unless Data is set,
	// which is written as base64, or as it is in a type message/….
	Parts []*Content
	Text  string
	Data  io.Reader
}

// Compose writes c as a message: CRLF line breaks, ASCII only (but for the
// Data of types message/…), no line longer than 78 where it can be broken,
// none longer than 998. rand gives the boundaries.
func Compose(w io.Writer, c *Content, rand io.Reader) error { return errNotYet }

// TextField returns a field with unstructured text, in encoded words where it
// needs them. CR, LF and NUL become spaces.
func TextField(name, text string) Field { return Field{} }

// AddressField returns a field with a list of addresses.
func AddressField(name string, list ...Address) Field { return Field{} }
