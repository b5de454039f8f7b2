package message

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
)

// A Content is a message, or one part of it, to be written by Compose.
type Content struct {
	// Fields are written first, in order; their values must be ASCII, as
	// TextField and AddressField make them. MIME-Version and the Content-…
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
	// which is written as base64, or in a type message/… as it is: then it
	// must have CRLF line breaks and no line longer than 998 bytes.
	Parts []*Content
	Text  string
	Data  io.Reader
}

// Compose writes c as a message: CRLF line breaks, ASCII only (but for the
// Data of types message/…), no line longer than 78 bytes where it can be
// broken, none longer than 998. rand gives the boundaries.
func Compose(w io.Writer, c *Content, rand io.Reader) error {
	return (&composer{w: w, rand: rand}).content(c, true)
}

// How long a line should be and may be, without its line break (RFC 5322
// §2.1.1).
const (
	wishedLine = 78
	maxLine    = 998
)

type composer struct {
	w    io.Writer
	rand io.Reader
	err  error
}

func (o *composer) print(parts ...string) {
	for _, s := range parts {
		if o.err == nil {
			_, o.err = io.WriteString(o.w, s)
		}
	}
}

func (o *composer) field(f Field) {
	if o.err == nil && f.Name != "" {
		var line string
		line, o.err = formatField(f)
		o.print(line)
	}
}

func (o *composer) content(c *Content, outermost bool) error {
	for _, f := range c.Fields {
		o.field(f)
	}
	if outermost {
		o.field(Field{"MIME-Version", "1.0"})
	}
	if strings.HasPrefix(c.Type, "multipart/") {
		return o.multipart(c)
	}
	return o.leaf(c)
}

func (o *composer) multipart(c *Content) error {
	random := make([]byte, 15)
	if _, err := io.ReadFull(o.rand, random); err != nil {
		return fmt.Errorf("compose: no randomness for a boundary: %w", err)
	}
	// "=_" stands in no line of quoted-printable or base64.
	boundary := "=_" + strings.ToLower(base32.StdEncoding.EncodeToString(random))
	o.describe(c, c.Type, "", Param{"boundary", boundary})
	for _, part := range c.Parts {
		o.print("\r\n--", boundary, "\r\n")
		if err := o.content(part, false); err != nil {
			return err
		}
	}
	o.print("\r\n--", boundary, "--\r\n")
	return o.err
}

func (o *composer) leaf(c *Content) error {
	switch {
	case c.Data == nil:
		mediaType := c.Type
		if mediaType == "" {
			mediaType = "text/plain"
		}
		text := withCRLF(c.Text)
		charset, encoding := textEncoding(text)
		o.describe(c, mediaType, encoding, Param{"charset", charset})
		o.print("\r\n")
		o.copy(encoding, strings.NewReader(text))
	case strings.HasPrefix(c.Type, "message/"):
		o.describe(c, c.Type, "8bit")
		o.print("\r\n")
		o.copy("8bit", c.Data)
	default:
		o.describe(c, c.Type, "base64")
		o.print("\r\n")
		o.copy("base64", c.Data)
	}
	return o.err
}

// describe prints the Content-… fields of c.
func (o *composer) describe(c *Content, mediaType, encoding string, first ...Param) {
	o.field(Field{"Content-Type", mediaType + formatParams(append(first, c.Params...))})
	if encoding != "" {
		o.field(Field{"Content-Transfer-Encoding", encoding})
	}
	disposition := c.Disposition
	if disposition == "" && c.Filename != "" {
		disposition = "attachment"
	}
	if disposition == "" {
		return
	}
	var params []Param
	if c.Filename != "" {
		params = []Param{{"filename", c.Filename}}
	}
	o.field(Field{"Content-Disposition", disposition + formatParams(params)})
}

// copy prints data in an encoding.
func (o *composer) copy(encoding string, data io.Reader) {
	if o.err != nil {
		return
	}
	var to io.WriteCloser
	switch encoding {
	case "quoted-printable":
		to = quotedprintable.NewWriter(o.w)
	case "base64":
		lines := &lineWrapper{w: o.w}
		defer lines.Close()
		to = base64.NewEncoder(base64.StdEncoding, lines)
	default:
		_, o.err = io.Copy(o.w, data)
		return
	}
	_, o.err = io.Copy(to, data)
	if err := to.Close(); o.err == nil {
		o.err = err
	}
}

// A lineWrapper breaks what is written to it into lines of 76 bytes.
type lineWrapper struct {
	w      io.Writer
	column int
}

func (l *lineWrapper) Write(p []byte) (n int, err error) {
	const width = 76 // RFC 2045 §6.8
	for n < len(p) {
		if l.column == width {
			if err := l.Close(); err != nil {
				return n, err
			}
		}
		written, err := l.w.Write(p[n:min(len(p), n+width-l.column)])
		n += written
		l.column += written
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Close ends the last line.
func (l *lineWrapper) Close() error {
	if l.column == 0 {
		return nil
	}
	l.column = 0
	_, err := io.WriteString(l.w, "\r\n")
	return err
}

// withCRLF returns text as valid UTF-8 with each line ending in CRLF.
func withCRLF(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	if text == "" || strings.HasSuffix(text, "\r\n") {
		return text
	}
	return text + "\r\n"
}

// textEncoding chooses how text with CRLF line breaks is written.
func textEncoding(text string) (charset, encoding string) {
	charset, encoding = "us-ascii", "7bit"
	above := 0
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > wishedLine {
			encoding = "quoted-printable"
		}
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case c >= 0x80:
				charset = "utf-8"
				above++
				fallthrough
			case c < ' ' && c != '\t' || c == 0x7f:
				encoding = "quoted-printable"
			}
		}
	}
	if above > len(text)/4 { // quoted-printable takes three bytes for each
		encoding = "base64"
	}
	return charset, encoding
}
