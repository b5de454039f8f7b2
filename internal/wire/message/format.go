package message

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// TextField returns a field with unstructured text, in encoded words where it
// needs them. Control characters become spaces.
func TextField(name, text string) Field {
	text = strings.TrimSpace(clean(strings.ToValidUTF8(text, "\uFFFD")))
	if needsWords(text) {
		text = encodeWords(text)
	}
	return Field{name, text}
}

// AddressField returns a field with a list of addresses.
func AddressField(name string, list ...Address) Field {
	var out strings.Builder
	for i, a := range list {
		switch {
		case i == 0 || a.Kind == GroupEnd:
		case list[i-1].Kind == GroupStart:
			out.WriteString(" ")
		default:
			out.WriteString(", ")
		}
		out.WriteString(a.String())
	}
	return Field{name, oneLine(out.String())}
}

// needsWords reports whether text must be written in encoded words: because
// it is not ASCII, would be taken for them, or has no place for a line break.
func needsWords(text string) bool {
	if !isPrintableASCII(text) || strings.Contains(text, "=?") {
		return true
	}
	for word := range strings.SplitSeq(text, " ") {
		if len(word) > maxLine/2 {
			return true
		}
	}
	return false
}

// encodeWords returns text as encoded words in UTF-8 (RFC 2047), each short
// enough to stand in the first line of any field.
func encodeWords(text string) string {
	const room = 30
	var words []string
	for text != "" {
		end := 0
		for end < len(text) && end < room {
			_, size := utf8.DecodeRuneInString(text[end:])
			if end+size > room {
				break
			}
			end += size
		}
		words = append(words, encodeWord(text[:end]))
		text = text[end:]
	}
	return strings.Join(words, " ")
}

// encodeWord uses Q or B, whichever is shorter.
func encodeWord(text string) string {
	var q strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ':
			q.WriteByte('_')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("!*+-/", c) >= 0:
			q.WriteByte(c) // what a phrase may have, too (RFC 2047 §5 (3))
		default:
			fmt.Fprintf(&q, "=%02X", c)
		}
	}
	if b := base64.StdEncoding.EncodeToString([]byte(text)); len(b) < q.Len() {
		return "=?utf-8?B?" + b + "?="
	}
	return "=?utf-8?Q?" + q.String() + "?="
}

// formatField returns a field as lines of a header.
func formatField(f Field) (string, error) {
	if name, _, ok := cutName([]byte(f.Name + ":")); !ok || string(name) != f.Name {
		return "", fmt.Errorf("compose: %q is no name for a header field", f.Name)
	}
	value := strings.Trim(oneLine(f.Value), " \t")
	for i := 0; i < len(value); i++ {
		if value[i] >= utf8.RuneSelf {
			return "", fmt.Errorf("compose: the value of %s has bytes above 127; they need encoded words", f.Name)
		}
	}
	var out strings.Builder
	out.WriteString(f.Name + ":")
	column := out.Len()
	if value != "" {
		value = " " + value
	}
	for value != "" {
		end := wordEnd(value)
		if column+end > wishedLine && column > len(f.Name)+1 {
			out.WriteString("\r\n")
			column = 0
		}
		if column += end; column > maxLine {
			return "", fmt.Errorf("compose: the value of %s has %d bytes in a row without a space; a line has at most %d", f.Name, end, maxLine)
		}
		out.WriteString(value[:end])
		value = value[end:]
	}
	out.WriteString("\r\n")
	return out.String(), nil
}

// wordEnd returns the length of the white space and the word after it that s
// begins with.
func wordEnd(s string) int {
	start := len(s) - len(strings.TrimLeft(s, " \t"))
	if end := strings.IndexAny(s[start:], " \t"); end >= 0 {
		return start + end
	}
	return len(s)
}

// formatParams returns parameters as they follow a media type or disposition.
func formatParams(params []Param) string {
	var out strings.Builder
	for _, p := range params {
		out.WriteString(formatParam(p))
	}
	return out.String()
}

// formatParam writes a token, a quoted string, or RFC 2231's form in as many
// pieces as it needs.
func formatParam(p Param) string {
	const room = 50
	value := strings.ToValidUTF8(p.Value, "\uFFFD")
	if len(value) <= room && isPrintableASCII(value) {
		if strings.IndexFunc(value, func(r rune) bool { return !isTokenByte(byte(r)) }) < 0 && value != "" {
			return "; " + p.Name + "=" + value
		}
		return "; " + p.Name + "=" + quote(value)
	}
	rest := "utf-8''" + percentEncode(value)
	if len(rest) <= room {
		return "; " + p.Name + "*=" + rest
	}
	var out strings.Builder
	for i := 0; rest != ""; i++ {
		end := min(room, len(rest))
		if cut := strings.LastIndexByte(rest[:end], '%'); cut >= 0 && cut > end-3 && end < len(rest) {
			end = cut // not within %XX
		}
		out.WriteString("; " + p.Name + "*" + strconv.Itoa(i) + "*=" + rest[:end])
		rest = rest[end:]
	}
	return out.String()
}
