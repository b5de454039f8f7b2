package message

import (
	"slices"
	"strconv"
	"strings"
)

// A Param is a parameter of a structured field. Name is in lower case. The
// continuations of RFC 2231 are joined; where a charset or percent-encoding
// is in use, Name ends in "*" and Value is still charset'language'encoded,
// which is the form that IMAP's BODYSTRUCTURE wants (RFC 2231 §8).
type Param struct{ Name, Value string }

// ParamValue returns the parameter of that name (given in lower case, without
// "*") decoded to Unicode, "" where there is none. Encoded words are decoded
// too: RFC 2047 forbids them here, and many programs write them.
func ParamValue(params []Param, name string) string {
	plain := ""
	for _, p := range params {
		switch {
		case len(p.Name) == len(name)+1 && p.Name[len(name)] == '*' && p.Name[:len(name)] == name:
			return decodeExtended(p.Value)
		case p.Name == name && plain == "":
			plain = DecodeWords(p.Value)
		}
	}
	return plain
}

// decodeExtended decodes charset'language'percent-encoded (RFC 2231 §4).
func decodeExtended(value string) string {
	charset, rest, ok := strings.Cut(value, "'")
	if !ok {
		return DecodeWords(value)
	}
	_, encoded, ok := strings.Cut(rest, "'")
	if !ok {
		encoded = rest
	}
	return clean(decodeCharset(charset, percentDecode(encoded)))
}

func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, ok := hexByte(s[i+1], s[i+2]); ok {
				out = append(out, b)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// percentEncode encodes all but the characters that an extended value may
// have (attribute-char of RFC 2231 §7).
func percentEncode(s string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; isTokenByte(c) && c != '%' && c != '*' && c != '\'' {
			out.WriteByte(c)
		} else {
			out.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return out.String()
}

// parseMediaType reads the value of a Content-Type field; ok is false where it
// has no type and subtype.
func parseMediaType(s string) (main, sub string, params []Param, ok bool) {
	head, rest := cutUnquoted(s)
	main, sub, ok = strings.Cut(stripComments(head), "/")
	main, sub = firstToken(main), firstToken(sub)
	if !ok || main == "" || sub == "" {
		return "", "", nil, false
	}
	return strings.ToLower(main), strings.ToLower(sub), parseParams(rest), true
}

// parseDisposition reads the value of a Content-Disposition field.
func parseDisposition(s string) (disposition string, params []Param) {
	head, rest := cutUnquoted(s)
	return strings.ToLower(firstToken(stripComments(head))), parseParams(rest)
}

// firstToken returns the token that s begins with, after white space and
// comments.
func firstToken(s string) string {
	s = strings.TrimLeft(stripComments(s), " \t")
	end := 0
	for end < len(s) && isTokenByte(s[end]) {
		end++
	}
	return s[:end]
}

// isTokenByte reports whether a MIME token may have c (RFC 2045 §5.1).
func isTokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`()<>@,;:\"/[]?=`, rune(c))
}

// cutUnquoted splits s at the first semicolon that is in no quoted string and
// no comment.
func cutUnquoted(s string) (head, rest string) {
	quoted, comments := false, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '(' && !quoted && comments:
			if end := commentEnd(s, i); end > 0 {
				i = end
			} else {
				comments = false // none begins in what follows either
			}
		case c == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// stripComments removes comments that are closed, outside of quoted strings.
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var out strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s):
			out.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case c == '(' && !quoted:
			end := commentEnd(s, i)
			if end < 0 {
				out.WriteString(s[i:])
				return out.String()
			}
			i = end
			out.WriteByte(' ')
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// commentEnd returns the place of the parenthesis that closes the one at
// start, -1 where there is none.
func commentEnd(s string, start int) int {
	depth := 0
	for i := start; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// parseParams reads the parameters after a type or disposition.
func parseParams(s string) []Param {
	var params []Param
	var pieces []piece
	for range MaxParams {
		var one string
		one, s = cutUnquoted(s)
		name, value, ok := strings.Cut(one, "=")
		name = strings.ToLower(strings.Trim(stripComments(name), " \t"))
		if !ok || name == "" {
			continue
		}
		value = paramText(value)
		if p, ok := continuation(name, value); ok {
			pieces = append(pieces, p)
		} else {
			params = append(params, Param{name, value})
		}
	}
	return append(params, joinPieces(pieces)...)
}

// paramText returns the value of a parameter: a quoted string, or whatever
// stands there but for a comment after it. File names with spaces and
// parentheses are often written without quotes.
func paramText(s string) string {
	s = strings.Trim(s, " \t")
	if !strings.HasPrefix(s, `"`) {
		if i := strings.Index(s, " ("); i >= 0 && commentEnd(s, i+1) == len(s)-1 {
			s = strings.TrimRight(s[:i], " \t")
		}
		return s
	}
	var out strings.Builder
	for i := 1; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// A piece is one of several that make up a value (RFC 2231 §3).
type piece struct {
	name     string
	number   int
	extended bool
	value    string
}

// continuation reads name*N or name*N*.
func continuation(name, value string) (piece, bool) {
	base, number, ok := strings.Cut(name, "*")
	if !ok || base == "" || number == "" {
		return piece{}, false
	}
	number, extended := strings.CutSuffix(number, "*")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= MaxParams {
		return piece{}, false
	}
	return piece{base, n, extended, value}, true
}

// joinPieces puts the pieces of each parameter together, in the order of their
// numbers, up to the first that is missing.
func joinPieces(pieces []piece) []Param {
	var params []Param
	slices.SortStableFunc(pieces, func(a, b piece) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return a.number - b.number
	})
	for len(pieces) > 0 {
		name := pieces[0].name
		n := slices.IndexFunc(pieces, func(p piece) bool { return p.name != name })
		if n < 0 {
			n = len(pieces)
		}
		if value, extended, ok := joinValue(pieces[:n]); ok && extended {
			params = append(params, Param{name + "*", value})
		} else if ok {
			params = append(params, Param{name, value})
		}
		pieces = pieces[n:]
	}
	return params
}

// joinValue joins the pieces of one parameter, sorted. With one extended piece
// the whole value becomes extended.
func joinValue(pieces []piece) (value string, extended, ok bool) {
	extended = slices.ContainsFunc(pieces, func(p piece) bool { return p.extended })
	var out strings.Builder
	next := 0
	for _, p := range pieces {
		switch {
		case p.number < next:
			continue // a second one of that number
		case p.number > next:
			return out.String(), extended, next > 0
		case extended && next == 0 && !p.extended:
			out.WriteString("''")
		}
		if extended && !p.extended {
			p.value = percentEncode(p.value)
		}
		out.WriteString(p.value)
		next++
	}
	return out.String(), extended, next > 0
}
