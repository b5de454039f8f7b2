package smtp

import (
	"net/netip"
	"strings"
)

// Address is a mailbox of the envelope (RFC 5321 §4.1.2): local part without
// its quotes, and domain or address literal as sent. The zero value is the
// null path <>.
type Address struct {
	Local, Domain string
}

// IsNull reports whether a is the null path, the sender of bounces.
func (a Address) IsNull() bool { return a == Address{} }

// String prints the address without angle brackets, its local part quoted
// where it must be. The null path is "".
func (a Address) String() string {
	local := a.Local
	if !isDotString(local) && !a.IsNull() {
		local = quote(local)
	}
	if a.Domain == "" {
		return local
	}
	return local + "@" + a.Domain
}

// ParseAddress parses "local@domain" without angle brackets. The error is a
// *SyntaxError.
func ParseAddress(s string) (Address, error) {
	if err := checkCharacters(s); err != nil {
		return Address{}, err
	}
	a, rest, err := cutAddress(s)
	if err == nil && rest != "" {
		err = badAddress("Address " + s + " has something after its domain")
	}
	if err != nil {
		return Address{}, err
	}
	return a, nil
}

// parsePath reads "<...>" at the start of s and returns what follows. Only
// MAIL may have the null path, only RCPT the bare Postmaster.
func parsePath(s string) (a Address, rest string, err error) {
	inner, ok := strings.CutPrefix(s, "<")
	if !ok {
		return Address{}, "", badAddress("Put the address between < and >")
	}
	if rest, ok := strings.CutPrefix(inner, ">"); ok {
		return Address{}, rest, nil
	}
	if len(inner) >= len("postmaster>") && strings.EqualFold(inner[:len("postmaster>")], "postmaster>") {
		return Address{Local: inner[:len("postmaster")]}, inner[len("postmaster>"):], nil
	}
	if inner, err = skipRoute(inner); err != nil {
		return Address{}, "", err
	}
	a, rest, err = cutAddress(inner)
	if err != nil {
		return Address{}, "", err
	}
	rest, ok = strings.CutPrefix(rest, ">")
	if !ok {
		return Address{}, "", badAddress("Address has no > at its end, or a character that must be quoted")
	}
	return a, rest, nil
}

// skipRoute drops a source route "@one,@two:", which servers must accept and
// should ignore (RFC 5321 §4.1.1.3 and appendix C).
func skipRoute(s string) (string, error) {
	if !strings.HasPrefix(s, "@") {
		return s, nil
	}
	route, rest, ok := strings.Cut(s, ":")
	if !ok {
		return "", badAddress("Source route has no colon at its end")
	}
	for hop := range strings.SplitSeq(route, ",") {
		if domain, ok := strings.CutPrefix(hop, "@"); !ok || !IsDomain(domain) {
			return "", badAddress("Source route is not of the form @domain,@domain:")
		}
	}
	return rest, nil
}

// cutAddress reads an address at the start of s, up to the first character
// that can't belong to it.
func cutAddress(s string) (a Address, rest string, err error) {
	a.Local, rest, err = cutLocal(s)
	if err != nil {
		return Address{}, "", err
	}
	rest, ok := strings.CutPrefix(rest, "@")
	if !ok {
		return Address{}, "", badAddress("Address needs the form user@domain")
	}
	end := strings.IndexAny(rest, "> \t")
	if strings.HasPrefix(rest, "[") {
		end = strings.IndexByte(rest, ']') + 1
	}
	if end < 0 {
		end = len(rest)
	}
	a.Domain, rest = rest[:end], rest[end:]
	if !IsDomain(a.Domain) {
		return Address{}, "", badAddress("What follows the @ is no domain name")
	}
	return a, rest, nil
}

func cutLocal(s string) (local, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		local, rest, err = unquote(s)
	} else {
		end := 0
		for end < len(s) && (isAtext(s[end]) || s[end] == '.') {
			end++
		}
		local, rest = s[:end], s[end:]
		if !isDotString(local) {
			err = badAddress("What precedes the @ is no user name; some characters need quotes")
		}
	}
	switch {
	case err != nil:
		return "", "", err
	case len(local) > MaxLocal:
		return "", "", badAddress("User name is longer than 64 characters")
	}
	return local, rest, nil
}

// unquote reads a Quoted-string (RFC 5321 §4.1.2) at the start of s.
func unquote(s string) (text, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", badAddress("User name has no closing quote")
}

func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// IsDomain reports whether s is a domain name or an address literal (RFC 5321
// §4.1.2, §4.1.3). An underscore counts as a letter: such names send mail.
func IsDomain(s string) bool {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		return ok && isAddressLiteral(literal)
	}
	if s == "" || len(s) > MaxDomain {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

func isAddressLiteral(s string) bool {
	if v6, ok := cutPrefixFold(s, "IPv6:"); ok {
		addr, err := netip.ParseAddr(v6)
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

func isLabel(s string) bool {
	if s == "" || len(s) > MaxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func isDotString(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if !isAtext(atom[i]) {
				return false
			}
		}
	}
	return true
}

// isAtext reports a character of an atom (RFC 5322 §3.2.3).
func isAtext(c byte) bool {
	return isAlnum(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func badAddress(text string) error {
	return &SyntaxError{NewReply(501, Enhanced{5, 1, 3}, text)}
}
