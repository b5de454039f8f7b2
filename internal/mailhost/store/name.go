package store

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Separator stands between the levels of a mailbox name.
const Separator = "/"

// Inbox is the one name that is compared without case.
const Inbox = "INBOX"

// Limits of mailbox names.
const (
	MaxName  = 1000 // bytes
	MaxDepth = 40   // levels
)

// canonical returns a mailbox name in the one form in which it is kept: NFC,
// INBOX in capitals. It fails on what cannot be a mailbox's name.
func canonical(name string) (string, error) {
	if !utf8.ValidString(name) || len(name) > MaxName {
		return "", fmt.Errorf("mailbox name of %d bytes: %w", len(name), ErrBadName)
	}
	name = norm.NFC.String(name)
	first, rest, deep := strings.Cut(name, Separator)
	if strings.EqualFold(first, Inbox) {
		name = Inbox
		if deep {
			name += Separator + rest
		}
	}
	levels := strings.Split(name, Separator)
	bad := len(levels) > MaxDepth || strings.ContainsFunc(name, unprintable)
	for _, l := range levels {
		bad = bad || l == "" || l == "." || l == ".."
	}
	if bad {
		return "", fmt.Errorf("mailbox %q: %w", name, ErrBadName)
	}
	return name, nil
}

// unprintable reports what RFC 9051 §5.1 keeps out of mailbox names: control
// characters, line and paragraph separators, and the wildcards of LIST.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '*' || r == '%' || r == utf8.RuneError
}

// parents returns the names above a name, highest first.
func parents(name string) []string {
	var above []string
	for i := range len(name) {
		if name[i] == Separator[0] {
			above = append(above, name[:i])
		}
	}
	return above
}

// below returns the bounds between which the names below a name sort.
func below(name string) (from, to string) {
	return name + Separator, name + string(Separator[0]+1)
}
