package message

import (
	"bytes"
	"io"
	"strings"
)

// Parse reads the message of size bytes in r once, from start to end, and
// returns its part tree. Lines end in CRLF or in LF alone. The error is r's.
func Parse(r io.ReaderAt, size int64) (*Part, error) {
	p := &parser{lines: newLineReader(io.NewSectionReader(r, 0, size))}
	defer p.lines.close()
	root := p.entity(asMessage, 0)
	if p.lines.err != nil {
		return nil, p.lines.err
	}
	return root, nil
}

// A parser walks over the lines of a message once. Where a line is a delimiter
// of a multipart that is open, it stops until that multipart goes on: all
// parts inside end at the same place.
type parser struct {
	lines      *lineReader
	boundaries []string // of the multiparts that are open, outermost first
	stop       *stop    // nil while lines can be read
	// floor is where the innermost header ends: no part that is open ends
	// before it.
	floor       int64
	parts, kept int
}

// A stop is the end of the message, or a delimiter.
type stop struct {
	level   int  // whose delimiter: index in boundaries, -1 at the end
	closing bool // the last delimiter of its multipart
	at      int64
	// contentEnd is where the parts before it end: the line break before a
	// delimiter belongs to the delimiter (RFC 2046 §5.1.1).
	contentEnd int64
	// lines is how many lines the message has up to contentEnd.
	lines int64
}

// A role is what an entity is within its surroundings; it decides which
// fields of its header matter, and its type by default.
type role int

const (
	asMessage role = iota
	asBodyPart
	asDigestPart
)

// entity reads a header and the body that follows it, up to the next stop.
func (p *parser) entity(as role, depth int) *Part {
	p.parts++
	part := &Part{HeaderStart: p.here()}
	fields := p.header(as)
	part.BodyStart = p.here()
	if p.stop != nil {
		p.stop.contentEnd = p.stop.at // the header keeps its last line break
	}
	p.floor = part.BodyStart
	before := p.lines.breaks
	if as == asMessage {
		part.Envelope = p.envelope(fields)
	}
	p.describe(part, fields, as)
	p.body(part, depth)
	part.End = p.stop.contentEnd
	if part.End > part.BodyStart {
		part.Lines = p.stop.lines - before
	}
	return part
}

// body reads part's body by its type.
func (p *parser) body(part *Part, depth int) {
	switch {
	case part.isContainer() && depth >= MaxDepth,
		part.isMessage() && p.parts >= MaxParts:
		part.setType("application", "octet-stream")
	case part.isMessage():
		part.Message = p.entity(asMessage, depth+1)
	case part.Type == "multipart":
		p.multipart(part, depth)
		if len(part.Parts) == 0 {
			part.setType("text", "plain") // RFC 2045 §5.2: no parts can be told apart
		}
	}
	p.skip()
}

// multipart reads the parts between the delimiters, up to the epilogue.
func (p *parser) multipart(part *Part, depth int) {
	boundary := strings.TrimRight(ParamValue(part.Params, "boundary"), " \t")
	if boundary == "" {
		p.skip()
		return
	}
	as := asBodyPart
	if part.Subtype == "digest" {
		as = asDigestPart
	}
	level := len(p.boundaries)
	p.boundaries = append(p.boundaries, boundary)
	p.skip() // the preamble
	for p.stop.level == level && !p.stop.closing && p.parts < MaxParts {
		p.stop = nil
		part.Parts = append(part.Parts, p.entity(as, depth+1))
	}
	p.boundaries = p.boundaries[:level]
	if p.stop.level == level {
		p.stop = nil
	}
}

// header reads a header and the empty line that ends it. It returns the
// unfolded values of the fields that matter, by name in lower case.
func (p *parser) header(as role) map[string]string {
	fields := fieldSet{as: as}
	for p.next() && len(p.lines.text) > 0 {
		fields.line(p.lines.text)
	}
	return fields.done()
}

// here is where the next line begins.
func (p *parser) here() int64 {
	if p.stop != nil {
		return p.stop.at
	}
	p.lines.finish()
	return p.lines.end
}

// skip reads on to the next stop.
func (p *parser) skip() {
	for p.next() {
	}
}

// next reads the next line unless there is a stop.
func (p *parser) next() bool {
	if p.stop != nil {
		return false
	}
	l := p.lines
	if !l.next() {
		p.stop = &stop{level: -1, at: l.end, contentEnd: l.end, lines: l.breaks}
		if l.prev.eol == 0 && l.prev.length > 0 {
			p.stop.lines++
		}
		return false
	}
	level, closing := p.delimiter(l.text)
	if level < 0 || l.partial {
		return true
	}
	p.stop = &stop{level: level, closing: closing, at: l.start}
	p.stop.contentEnd = max(l.start-int64(l.prev.eol), p.floor)
	p.stop.lines = l.breaks
	if l.eol > 0 {
		p.stop.lines-- // the delimiter's own
	}
	if l.prev.length == 0 && p.stop.contentEnd < l.start {
		p.stop.lines-- // an empty line whose break belongs to the delimiter is none
	}
	return false
}

// delimiter returns the index of the innermost boundary whose delimiter line
// is, or -1 (RFC 2046 §5.1.1).
func (p *parser) delimiter(line []byte) (level int, closing bool) {
	rest, ok := bytes.CutPrefix(line, []byte("--"))
	if !ok {
		return -1, false
	}
	rest = bytes.TrimRight(rest, " \t")
	for level := len(p.boundaries) - 1; level >= 0; level-- {
		switch b := p.boundaries[level]; {
		case len(rest) == len(b) && string(rest) == b:
			return level, false
		case len(rest) == len(b)+2 && string(rest[:len(b)]) == b && rest[len(b)] == '-' && rest[len(b)+1] == '-':
			return level, true
		}
	}
	return -1, false
}

// describe sets part's fields from those of its header.
func (p *parser) describe(part *Part, fields map[string]string, as role) {
	part.setType("text", "plain")
	if as == asDigestPart {
		part.setType("message", "rfc822")
	}
	if main, sub, params, ok := parseMediaType(fields["content-type"]); ok {
		if p.keep(main+sub) == "" {
			main, sub, params = "application", "octet-stream", nil
		}
		part.setType(strings.Clone(main), strings.Clone(sub))
		part.Params = p.keepParams(params)
	}
	part.Encoding = p.encoding(fields["content-transfer-encoding"])
	if d, params := parseDisposition(fields["content-disposition"]); d != "" {
		part.Disposition = p.keep(d)
		part.DispositionParams = p.keepParams(params)
	}
	for tag := range strings.SplitSeq(fields["content-language"], ",") {
		if tag = p.keep(firstToken(tag)); tag != "" && len(part.Language) < MaxParams {
			part.Language = append(part.Language, tag)
		}
	}
	part.ID = p.keep(fields["content-id"])
	part.Description = p.keep(fields["content-description"])
	part.MD5 = p.keep(fields["content-md5"])
	part.Location = p.keep(fields["content-location"])
}

// encoding reads the value of a Content-Transfer-Encoding field.
func (p *parser) encoding(value string) string {
	switch e := strings.ToLower(firstToken(value)); e {
	case "7bit", "8bit", "binary", "base64", "quoted-printable":
		return e
	default:
		if e = p.keep(e); e != "" {
			return e
		}
		return "7bit"
	}
}

// keep returns a copy of s that holds on to nothing else, or "" once the tree
// keeps more than MaxKept bytes.
func (p *parser) keep(s string) string {
	const header = 16 // what a string costs beside its bytes
	if s == "" || p.kept+len(s)+header > MaxKept {
		return ""
	}
	p.kept += len(s) + header
	return strings.Clone(s)
}

func (p *parser) keepParams(params []Param) []Param {
	var kept []Param
	for _, param := range params {
		if name := p.keep(param.Name); name != "" {
			kept = append(kept, Param{name, p.keep(param.Value)})
		}
	}
	return kept
}
