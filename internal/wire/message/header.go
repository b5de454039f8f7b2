package message

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"strings"
)

// A Field is one header field. Value is what follows the colon: unfolded,
// without white space at both ends, otherwise as it stands in the message. It
// has no CR, LF or NUL.
type Field struct{ Name, Value string }

// Text returns the field's value as Unicode, encoded words decoded.
func (f Field) Text() string { return DecodeWords(f.Value) }

// Fields yields the fields of a header (Part.Header gives one) in order. Lines
// that are no field are skipped; values are cut at MaxField bytes. An error of
// header ends the sequence.
func Fields(header io.Reader) iter.Seq2[Field, error] {
	return func(yield func(Field, error) bool) {
		lines := newLineReader(header)
		defer lines.close()
		var name string
		var value []byte
		for lines.next() && len(lines.text) > 0 {
			if isFold(lines.text) {
				if name != "" {
					value = appendFold(value, lines.text)
				}
				continue
			}
			if name != "" && !yield(Field{name, unfolded(value)}, nil) {
				return
			}
			n, v, _ := cutName(lines.text)
			name, value = string(n), append(value[:0], v...)
		}
		if name != "" && !yield(Field{name, unfolded(value)}, nil) {
			return
		}
		if lines.err != nil {
			yield(Field{}, lines.err)
		}
	}
}

// FilterHeader writes those fields of a header, byte for byte, whose names
// (compared without case) are among names, or with except those that are
// not, and then the empty line, if the header has it: IMAP's HEADER.FIELDS
// and HEADER.FIELDS.NOT (RFC 3501 §6.4.5).
func FilterHeader(w io.Writer, header io.Reader, names []string, except bool) error {
	lines := newLineReader(header)
	defer lines.close()
	keep := false
	for {
		line, err := lines.r.ReadSlice('\n')
		text, _ := cutBreak(line)
		last := len(text) == 0
		if !isFold(text) {
			name, _, _ := cutName(text)
			keep = isAmong(name, names) != except
		}
		for {
			if keep || last {
				if _, werr := w.Write(line); werr != nil {
					return werr
				}
			}
			if err != bufio.ErrBufferFull {
				break
			}
			line, err = lines.r.ReadSlice('\n')
		}
		switch {
		case err == io.EOF || err == nil && last:
			return nil
		case err != nil:
			return err
		}
	}
}

func isAmong(name []byte, names []string) bool {
	for _, n := range names {
		if len(n) == len(name) && strings.EqualFold(n, string(name)) {
			return true
		}
	}
	return false
}

// isFold reports whether a line of a header continues the one before.
func isFold(line []byte) bool {
	return len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
}

// appendFold adds a continuation line to a field's value.
func appendFold(value, line []byte) []byte {
	return append(value, line[:min(len(line), max(MaxField-len(value), 0))]...)
}

// cutName splits a header line at its colon. White space before the colon is
// obsolete but allowed (RFC 5322 §4.5); a line that begins otherwise is none.
func cutName(line []byte) (name, value []byte, ok bool) {
	name, value, ok = bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	if !ok || len(name) == 0 {
		return nil, nil, false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return nil, nil, false
		}
	}
	return name, value, true
}

// unfolded returns a value that was put together from lines, trimmed, with
// spaces for the bytes that no value has.
func unfolded(value []byte) string {
	value = bytes.TrimFunc(value, func(r rune) bool { return isBreakOrNUL(r) || r == ' ' || r == '\t' })
	s := string(value)
	if strings.IndexFunc(s, isBreakOrNUL) < 0 {
		return s
	}
	return oneLine(s)
}

func isBreakOrNUL(r rune) bool { return r == '\r' || r == '\n' || r == 0 }

// oneLine returns s with a space for each CR, LF and NUL.
func oneLine(s string) string {
	b := []byte(s)
	for i, c := range b {
		if isBreakOrNUL(rune(c)) {
			b[i] = ' '
		}
	}
	return string(b)
}

// A fieldSet collects the fields of one header that the part tree is made
// from: of a field that stands there twice the first, of address fields all.
type fieldSet struct {
	as     role
	values map[string][]byte
	open   string // name of the field that a continuation belongs to, or ""
}

// How a field is collected.
const (
	first    = iota + 1 // of several, the first one counts
	together            // several are kept, parted by LF
)

var mimeFields = map[string]int{
	"content-type": first, "content-transfer-encoding": first, "content-disposition": first,
	"content-id": first, "content-description": first, "content-md5": first,
	"content-language": first, "content-location": first,
}

var envelopeFields = map[string]int{
	"date": first, "subject": first, "in-reply-to": first, "message-id": first,
	"from": together, "sender": together, "reply-to": together,
	"to": together, "cc": together, "bcc": together,
}

func (f *fieldSet) line(text []byte) {
	if isFold(text) {
		if f.open != "" {
			f.values[f.open] = appendFold(f.values[f.open], text)
		}
		return
	}
	f.open = ""
	rawName, value, _ := cutName(text)
	if len(rawName) > len("content-transfer-encoding") {
		return
	}
	name := strings.ToLower(string(rawName))
	how := mimeFields[name]
	if f.as == asMessage {
		how = max(how, envelopeFields[name])
	}
	have, again := f.values[name]
	switch {
	case how == 0 || again && how == first:
		return
	case again:
		have = append(have, '\n')
	case f.values == nil:
		f.values = make(map[string][]byte)
	}
	f.open = name
	f.values[name] = appendFold(have, value)
}

func (f *fieldSet) done() map[string]string {
	fields := make(map[string]string, len(f.values))
	for name, value := range f.values {
		lines := bytes.Split(value, []byte("\n"))
		texts := make([]string, len(lines))
		for i, line := range lines {
			texts[i] = unfolded(line)
		}
		fields[name] = strings.Join(texts, "\n")
	}
	return fields
}
