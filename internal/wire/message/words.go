package message

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/transform"
)

// encodedWord matches one encoded word (RFC 2047 §2), a space in its text
// included, since many programs write one.
var encodedWord = regexp.MustCompile(`=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=`)

// DecodeWords returns the text of an unstructured field or a phrase as valid
// UTF-8: encoded words of RFC 2047 are decoded, bytes above 127 are read as
// UTF-8 or else as windows-1252, and control characters become spaces.
func DecodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return clean(decodeCharset("", []byte(s)))
	}
	var out strings.Builder
	var run wordRun
	last := 0
	for _, m := range encodedWord.FindAllStringSubmatchIndex(s, -1) {
		gap := s[last:m[0]]
		if !run.open || strings.Trim(gap, " \t") != "" {
			run.flush(&out)
			out.WriteString(decodeCharset("", []byte(gap)))
		}
		charset, _, _ := strings.Cut(s[m[2]:m[3]], "*") // RFC 2231 §5: a language may follow
		run.add(&out, charset, wordBytes(s[m[4]:m[5]], s[m[6]:m[7]]))
		last = m[1]
	}
	run.flush(&out)
	out.WriteString(decodeCharset("", []byte(s[last:])))
	return clean(out.String())
}

// A wordRun joins the bytes of adjacent encoded words in one charset: some
// programs split a character between two of them.
type wordRun struct {
	open    bool
	charset string
	bytes   []byte
}

func (r *wordRun) add(out *strings.Builder, charset string, b []byte) {
	if r.open && !strings.EqualFold(r.charset, charset) {
		r.flush(out)
	}
	r.open, r.charset = true, charset
	r.bytes = append(r.bytes, b...)
}

func (r *wordRun) flush(out *strings.Builder) {
	if r.open {
		out.WriteString(decodeCharset(r.charset, r.bytes))
	}
	*r = wordRun{bytes: r.bytes[:0]}
}

// wordBytes decodes the text of an encoded word (RFC 2047 §4).
func wordBytes(encoding, text string) []byte {
	if strings.EqualFold(encoding, "b") {
		b, _, _ := transform.String(&base64Decoder{}, text)
		return []byte(b)
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		b, isHex := byte(0), false
		if text[i] == '=' && i+2 < len(text) {
			b, isHex = hexByte(text[i+1], text[i+2])
		}
		switch {
		case isHex:
			out = append(out, b)
			i += 2
		case text[i] == '_':
			out = append(out, ' ')
		default:
			out = append(out, text[i])
		}
	}
	return out
}

// clean returns s with spaces for control characters: decoded text must not
// bring line breaks into a place that has none.
func clean(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
