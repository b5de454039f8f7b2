package smtp

// Address is a mailbox of the envelope (RFC 5321 §4.1.2): local part without
// its quotes, and domain or address literal as sent. The zero value is the
// null path <>.
type Address struct {
	Local, Domain string
}

// IsNull reports whether a is the null path, the sender of bounces.
func (a Address) IsNull() bool { return a == Address{} }

// String prints the address with the local part quoted where it must be, and
// without angle brackets. The null path is "".
func (a Address) String() string { return a.Local + "@" + a.Domain }

// ParseAddress parses "local@domain" without angle brackets. The error is a
// *SyntaxError.
func ParseAddress(s string) (Address, error) {
	_, err := ParseCommand("")
	return Address{}, err
}

// IsDomain reports whether s is a domain name or an address literal in the
// sense of RFC 5321 §4.1.2 and §4.1.3.
func IsDomain(s string) bool { return false }
