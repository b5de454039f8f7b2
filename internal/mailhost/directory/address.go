package directory

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"postern/internal/wire/message"
)

// An address in the one form in which it is kept and compared.
type address struct{ local, domain string }

// String quotes the local part where it must be.
func (a address) String() string {
	return message.Address{Local: a.local, Domain: a.domain}.Addr()
}

// Limits of RFC 5321 §4.5.3.1, in bytes.
const (
	maxLocal  = 64
	maxDomain = 255
)

// parseAddress reads local@domain. A quoted local part is the same as the
// unquoted one (RFC 5321 §4.1.2). The error is ErrBadDomain or ErrBadAddress.
func parseAddress(text string) (address, error) {
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return address{}, fmt.Errorf("%q has no @: %w", text, ErrBadAddress)
	}
	local, ok := normalLocal(text[:at])
	if !ok {
		return address{}, fmt.Errorf("%q: %w", text, ErrBadAddress)
	}
	domain, err := normalDomain(text[at+1:])
	if err != nil {
		return address{}, fmt.Errorf("%q: %w", text, err)
	}
	return address{local, domain}, nil
}

func normalLocal(s string) (string, bool) {
	if !utf8.ValidString(s) || len(s) > 4*maxLocal {
		return "", false
	}
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		s = unquote(s[1 : n-1])
	}
	s = norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
	if s == "" || len(s) > maxLocal || strings.ContainsFunc(s, unicode.IsControl) {
		return "", false
	}
	return s, true
}

// unquote removes the backslashes of quoted pairs.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// hostnames accepts what IDNA2008 has, and of ASCII what host names may have.
var hostnames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true))

// normalDomain returns a domain in A-labels and lower case, without a dot at
// the end.
func normalDomain(s string) (string, error) {
	s = strings.TrimSuffix(s, ".")
	if len(s) > 4*maxDomain {
		return "", fmt.Errorf("domain of %d bytes: %w", len(s), ErrBadDomain)
	}
	ascii, err := hostnames.ToASCII(s)
	if err != nil || ascii == "" || len(ascii) > maxDomain {
		return "", fmt.Errorf("domain %q: %w", s, ErrBadDomain)
	}
	return strings.ToLower(ascii), nil
}
