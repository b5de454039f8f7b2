package imapd

import (
	"strings"

	"postern/internal/wire/imap"
)

// maxPattern is longer than any mailbox name's pattern needs to be; the time
// that matching takes grows with it.
const maxPattern = 1000

// pattern is the argument of LIST: "*" stands for anything, "%" for anything
// without a hierarchy delimiter.
type pattern string

func newPattern(s string) (pattern, error) {
	if len(s) > maxPattern {
		return "", bad("the pattern is too long")
	}
	return pattern(s), nil
}

func (p pattern) hasPercent() bool { return strings.Contains(string(p), "%") }

// matches says whether the pattern matches all of name. INBOX matches in any
// case, and so does INBOX as the first level of a name: CREATE inbox/a makes
// INBOX/a, and the client that did so looks for what it named.
func (p pattern) matches(name string) bool {
	anyCase := 0 // so many octets of the name
	if first, _, _ := strings.Cut(name, string(imap.Delimiter)); first == imap.Inbox {
		anyCase = len(first)
	}
	// at[i] says that the pattern up to i matches the name so far.
	at := make([]bool, len(p)+1)
	at[0] = true
	p.skipWildcards(at)
	for i := range len(name) {
		p.step(at, name[i], i < anyCase)
	}
	return at[len(p)]
}

// step moves on over one octet of the name.
func (p pattern) step(at []bool, c byte, anyCase bool) {
	for i := len(p); i >= 0; i-- {
		// A wildcard at i stays there; any other octet moves on from i-1.
		stays := i < len(p) && at[i] && (p[i] == '*' || p[i] == '%' && c != imap.Delimiter)
		moves := i > 0 && at[i-1] && same(p[i-1], c, anyCase) && p[i-1] != '*' && p[i-1] != '%'
		at[i] = stays || moves
	}
	p.skipWildcards(at)
}

// same compares two octets, in any case with one in upper case.
func same(a, upper byte, anyCase bool) bool {
	return a == upper || anyCase && 'a' <= a && a <= 'z' && a-'a'+'A' == upper
}

// skipWildcards lets wildcards stand for nothing (more).
func (p pattern) skipWildcards(at []bool) {
	for i := range len(p) {
		if at[i] && (p[i] == '*' || p[i] == '%') {
			at[i+1] = true
		}
	}
}
