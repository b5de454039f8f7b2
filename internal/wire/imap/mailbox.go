package imap

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// modifiedBase64 is base64 with "," for "/" and no padding, RFC 3501 §5.1.3.
// Strict, so that a name has one spelling.
var modifiedBase64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding).Strict()

var (
	errMailboxASCII   = errors.New("mailbox name has octets outside of printable ASCII: other characters are written in modified UTF-7")
	errMailboxShift   = errors.New("mailbox name is not modified UTF-7: after & comes base64 up to -, and & itself is written &-")
	errMailboxControl = errors.New("mailbox name has a control character")
)

// DecodeMailbox reads a mailbox name or pattern in modified UTF-7
// (RFC 3501 §5.1.3) and returns it in UTF-8. INBOX becomes upper case. A name
// with control characters, and one that could be written in another way, is
// an error.
func DecodeMailbox(s string) (string, error) {
	var name strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		if c < ' ' || c > '~' {
			return "", errMailboxASCII
		}
		if c != '&' {
			name.WriteByte(c)
			i++
			continue
		}
		end := strings.IndexByte(s[i:], '-')
		if end < 0 {
			return "", errMailboxShift
		}
		if err := decodeShifted(&name, s[i+1:i+end]); err != nil {
			return "", err
		}
		i += end + 1
		if end > 1 && strings.HasPrefix(s[i:], "&") && !strings.HasPrefix(s[i:], "&-") {
			return "", errMailboxShift // one run of base64 would have done
		}
	}
	if strings.EqualFold(name.String(), Inbox) {
		return Inbox, nil
	}
	return name.String(), nil
}

func decodeShifted(name *strings.Builder, s string) error {
	if s == "" {
		name.WriteByte('&')
		return nil
	}
	if strings.ContainsAny(s, "\r\n") {
		return errMailboxShift // which the decoder would pass over
	}
	b, err := modifiedBase64.DecodeString(s)
	if err != nil || len(b)%2 != 0 {
		return errMailboxShift
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i++; i == len(units) {
				return errMailboxShift
			}
			if r = utf16.DecodeRune(r, rune(units[i])); r == utf8.RuneError {
				return errMailboxShift
			}
		}
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return errMailboxControl
		}
		if r <= '~' {
			return errMailboxShift // printable ASCII stands for itself
		}
		name.WriteRune(r)
	}
	return nil
}

// EncodeMailbox writes a mailbox name in modified UTF-7. What is not UTF-8 in
// it becomes U+FFFD.
func EncodeMailbox(name string) string {
	var b []byte
	var shifted []rune
	flush := func() {
		if len(shifted) == 0 {
			return
		}
		var utf16be []byte
		for _, u := range utf16.Encode(shifted) {
			utf16be = append(utf16be, byte(u>>8), byte(u))
		}
		b = append(b, '&')
		b = modifiedBase64.AppendEncode(b, utf16be)
		b = append(b, '-')
		shifted = shifted[:0]
	}
	for _, r := range name {
		if r < ' ' || r > '~' {
			shifted = append(shifted, r)
			continue
		}
		flush()
		b = append(b, byte(r))
		if r == '&' {
			b = append(b, '-')
		}
	}
	flush()
	return string(b)
}
