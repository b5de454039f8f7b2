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
// case.
func (p pattern) matches(name string) bool {
	if name == imap.Inbox {
		p = pattern(strings.ToUpper(string(p)))
	}
	// at[i] says that the pattern up to i matches the name so far.
	at := make([]bool, len(p)+1)
	at[0] = true
	p.skipWildcards(at)
	for i := range len(name) {
		p.step(at, name[i])
	}
	return at[len(p)]
}

// step moves on over one octet of the name.
func (p pattern) step(at []bool, c byte) {
	for i := len(p); i >= 0; i-- {
		// A wildcard at i stays there; any other octet moves on from i-1.
		stays := i < len(p) && at[i] && (p[i] == '*' || p[i] == '%' && c != imap.Delimiter)
		moves := i > 0 && at[i-1] && p[i-1] == c && p[i-1] != '*' && p[i-1] != '%'
		at[i] = stays || moves
	}
	p.skipWildcards(at)
}

// skipWildcards lets wildcards stand for nothing (more).
func (p pattern) skipWildcards(at []bool) {
	for i := range len(p) {
		if at[i] && (p[i] == '*' || p[i] == '%') {
			at[i+1] = true
		}
	}
}
