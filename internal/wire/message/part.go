package message

import "io"

// A Part is one node of a message's part tree: the message itself, or a body
// part of it. Offsets count from the start of the message. Its strings have
// no CR, LF or NUL, but may have bytes above 127 in any charset.
//
// Exactly one of these holds: Type is multipart and Parts is not empty;
// Message is set, which it is on every message/rfc822 and on a message/global
// that is not transfer-encoded; or the part is a leaf. Parts do not overlap,
// and lie within the body of the part that they belong to.
type Part struct {
	// HeaderStart to BodyStart is the header with the empty line that ends
	// it, if there is one; BodyStart to End is the body as it stands, still
	// transfer-encoded, without the line break that belongs to a boundary.
	HeaderStart, BodyStart, End int64
	// Lines is how many lines the body has; a last line without a line break
	// counts.
	Lines int64

	// Type and Subtype are the media type in lower case, never empty:
	// text/plain where the header has none that can be read, and for a
	// multipart without any part; message/rfc822 by default in a
	// multipart/digest (RFC 2046 §5.1.5); application/octet-stream beyond the
	// limits.
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
	// Message is the message that this part carries.
	Message *Part
	// Envelope is set on messages: the tree's root and every Message.
	Envelope *Envelope
}

// isMessage reports whether p by its type carries a message whose bytes stand
// in the body as they are (RFC 2046 §5.2.1, RFC 6532 §3.7).
func (p *Part) isMessage() bool {
	if p.Type != "message" {
		return false
	}
	encoded := p.Encoding == "base64" || p.Encoding == "quoted-printable"
	return p.Subtype == "rfc822" || p.Subtype == "global" && !encoded
}

func (p *Part) isContainer() bool { return p.Type == "multipart" || p.isMessage() }

// setType gives p a type without parameters.
func (p *Part) setType(main, sub string) { p.Type, p.Subtype, p.Params = main, sub, nil }

// Filename returns the name the part suggests for its content, decoded: from
// the disposition, else from the media type; "" where there is none.
func (p *Part) Filename() string {
	if name := ParamValue(p.DispositionParams, "filename"); name != "" {
		return name
	}
	return ParamValue(p.Params, "name")
}

// Find returns the part that IMAP addresses by path (RFC 3501 §6.4.5), nil
// where there is none. An empty path is p itself. Numbers count from 1; a
// leaf is its own part 1; a message/rfc822 part passes numbers on to the
// message that it carries.
func (p *Part) Find(path ...int) *Part {
	// whole: p stands for a message, not yet for the body of it. Only the root
	// begins at 0, and it may be without its envelope.
	whole := p.Envelope != nil || p.HeaderStart == 0
	for _, n := range path {
		if !whole && p.Message != nil {
			p, whole = p.Message, true
		}
		switch {
		case n >= 1 && n <= len(p.Parts):
			p = p.Parts[n-1]
		case n != 1 || !whole || len(p.Parts) > 0:
			return nil
		}
		whole = false
	}
	return p
}

// Header returns p's header, with the empty line that ends it, from the
// message in r.
func (p *Part) Header(r io.ReaderAt) *io.SectionReader {
	return io.NewSectionReader(r, p.HeaderStart, p.BodyStart-p.HeaderStart)
}

// Body returns p's body as it stands in the message in r.
func (p *Part) Body(r io.ReaderAt) *io.SectionReader {
	return io.NewSectionReader(r, p.BodyStart, p.End-p.BodyStart)
}
