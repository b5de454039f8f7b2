package message

import "strings"

// An Address is one entry of an address list: an address, or the start or end
// of a group.
type Address struct {
	Kind AddressKind
	// Name is the display name, unquoted, encoded words left; for an address
	// without one, the comment beside it. For GroupStart it is the group's.
	Name string
	// Route is the obsolete source route, "@a,@b", mostly "".
	Route string
	// Local and Domain are what stands before and after the @, unquoted, no
	// case changed, comments and white space removed. Domain is "" where the
	// address has none, and both are where only a name stands, as in
	// "MAILER-DAEMON <>".
	Local, Domain string
}

// An AddressKind tells addresses from the marks around a group.
type AddressKind uint8

// Kinds of entry in an address list.
const (
	Mailbox AddressKind = iota
	GroupStart
	GroupEnd
)

// Addr returns local@domain with the local part quoted where it must be; "" for
// the marks of a group and for an entry that is only a name.
func (a Address) Addr() string {
	if a.Kind != Mailbox || a.Local == "" && a.Domain == "" {
		return ""
	}
	local := a.Local
	if !isDotAtom(local) {
		local = quote(local)
	}
	if a.Domain == "" {
		return local
	}
	return local + "@" + a.Domain
}

// String returns the address as a header field shows it, the name in encoded
// words where it is not ASCII.
func (a Address) String() string {
	name := a.Name
	switch {
	case !isPrintableASCII(name) || strings.Contains(name, "=?"):
		name = encodeWords(DecodeWords(name))
	case !isPhrase(name):
		name = quote(name)
	}
	switch {
	case a.Kind == GroupStart:
		return name + ":"
	case a.Kind == GroupEnd:
		return ";"
	case name == "":
		return a.Addr()
	}
	return name + " <" + a.Addr() + ">"
}

// quote returns s as a quoted string (RFC 5322 §3.2.4).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// isDotAtom reports whether s can stand as a local part without quotes.
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.IndexFunc(atom, func(r rune) bool { return !isAtomRune(r) }) >= 0 {
			return false
		}
	}
	return true
}

// isPhrase reports whether s can stand as a display name without quotes.
func isPhrase(s string) bool {
	if strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") || strings.Contains(s, "  ") {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !isAtomRune(r) && r != ' ' }) < 0
}

// isAtomRune reports whether an atom may have r (RFC 5322 §3.2.3, RFC 6532
// §3.2).
func isAtomRune(r rune) bool {
	return r > ' ' && r != 0x7f && !strings.ContainsRune(`()<>[]:;@\,."`, r)
}

func isPrintableASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
