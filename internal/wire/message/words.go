package message

import (
	"strings"
	"unicode"

	"golang.org/x/text/transform"
)

// DecodeWords returns the text of an unstructured field or a phrase as valid
// UTF-8: encoded words of RFC 2047 are decoded, bytes above 127 are read as
// UTF-8 or else as windows-1252, and control characters become spaces.
func DecodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return clean(decodeCharset("", []byte(s)))
	}
	var out strings.Builder
	var run wordRun
	for s != "" {
		gap, word, rest := cutWord(s)
		if !run.open || word.charset == "" || strings.Trim(gap, " \t") != "" {
			run.flush(&out)
			out.WriteString(decodeCharset("", []byte(gap)))
		}
		if word.charset != "" {
			run.add(&out, word)
		}
		s = rest
	}
	run.flush(&out)
	return clean(out.String())
}

// An encodedWord is =?charset?encoding?text?= (RFC 2047 §2).
type encodedWord struct{ charset, encoding, text string }

// cutWord returns what stands before the first encoded word in s, that word,
// and the rest; without one, all of s and an empty word.
func cutWord(s string) (before string, w encodedWord, rest string) {
	for from := 0; ; {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return s, encodedWord{}, ""
		}
		start := from + i
		charset, tail, ok := strings.Cut(s[start+2:], "?")
		if ok && len(tail) >= 2 && tail[1] == '?' && strings.IndexByte("bBqQ", tail[0]) >= 0 &&
			charset != "" && !strings.ContainsAny(charset, " \t") {
			// A space in the text is forbidden, but many programs write one.
			if text, rest, ok := strings.Cut(tail[2:], "?"); ok && strings.HasPrefix(rest, "=") {
				charset, _, _ = strings.Cut(charset, "*") // RFC 2231 §5: a language may follow
				return s[:start], encodedWord{charset, tail[:1], text}, rest[1:]
			}
		}
		from = start + 2
	}
}

// A wordRun joins the bytes of adjacent encoded words in one charset: some
// programs split a character between two of them.
type wordRun struct {
	open    bool
	charset string
	bytes   []byte
}

func (r *wordRun) add(out *strings.Builder, w encodedWord) {
	if r.open && !strings.EqualFold(r.charset, w.charset) {
		r.flush(out)
	}
	r.open, r.charset = true, w.charset
	r.bytes = append(r.bytes, wordBytes(w.encoding, w.text)...)
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
