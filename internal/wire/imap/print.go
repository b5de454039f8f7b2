package imap

import (
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"postern/internal/wire/message"
)

// maxQuoted is how long a string is printed quoted; longer ones are literals,
// which clients read without looking for their end.
const maxQuoted = 1000

// AppendString prints s as a quoted string, or as a literal where it can't be
// quoted.
func AppendString(dst []byte, s string) []byte {
	if len(s) > maxQuoted || strings.ContainsFunc(s, func(r rune) bool {
		return r == 0 || r == '\r' || r == '\n' || r > '~'
	}) {
		return append(AppendLiteral(dst, int64(len(s))), s...)
	}
	return appendQuoted(dst, s)
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// AppendLiteral prints the announcement of a literal of size octets, which
// are to follow.
func AppendLiteral(dst []byte, size int64) []byte {
	dst = append(dst, '{')
	dst = strconv.AppendInt(dst, size, 10)
	return append(dst, "}\r\n"...)
}

// AppendMailbox prints a mailbox name, given in UTF-8, in modified UTF-7.
func AppendMailbox(dst []byte, name string) []byte {
	return AppendString(dst, EncodeMailbox(name))
}

// appendText prints text of a message's header. RFC 3501 has no room for
// octets above 127 there, so that they are printed as encoded words, and for
// line ends and NUL, which become spaces.
func appendText(dst []byte, s string) []byte {
	s = strings.Map(func(r rune) rune {
		if r == 0 || r == '\r' || r == '\n' {
			return ' '
		}
		return r
	}, encodeWords(s))
	return AppendString(dst, s)
}

func encodeWords(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return s
	}
	return mime.BEncoding.Encode("utf-8", message.DecodeWords(s))
}

// appendNText prints text of a header, NIL where there is none.
func appendNText(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "NIL"...)
	}
	return appendText(dst, s)
}

var itemNames = [...]string{
	"FLAGS", "UID", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE",
}

// AppendItem prints the name under which FETCH answers for an item.
func AppendItem(dst []byte, i *FetchItem) []byte {
	if i.Kind == FetchSection {
		return AppendSection(dst, &i.Section)
	}
	return append(dst, itemNames[i.Kind]...)
}

// AppendSection prints the name under which FETCH answers for a section:
// BODY[1.HEADER.FIELDS (To Cc)]<0>, or its old name.
func AppendSection(dst []byte, s *Section) []byte {
	if s.OldName != "" {
		return append(dst, s.OldName...)
	}
	dst = append(dst, "BODY["...)
	for i, n := range s.Part {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	if len(s.Part) > 0 && s.Text != SectionAll {
		dst = append(dst, '.')
	}
	dst = append(dst, s.Text.String()...)
	if s.Text == SectionFields || s.Text == SectionFieldsNot {
		dst = append(dst, " ("...)
		for i, field := range s.Fields {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = appendAString(dst, field)
		}
		dst = append(dst, ')')
	}
	dst = append(dst, ']')
	if s.Partial != nil {
		dst = append(dst, '<')
		dst = strconv.AppendUint(dst, uint64(s.Partial.Offset), 10)
		dst = append(dst, '>')
	}
	return dst
}

// appendAString prints s bare where it may stand so.
func appendAString(dst []byte, s string) []byte {
	for i := range len(s) {
		if !isAtomChar(s[i]) {
			return AppendString(dst, s)
		}
	}
	if s == "" || strings.EqualFold(s, "NIL") {
		return appendQuoted(dst, s)
	}
	return append(dst, s...)
}
