package message

import "time"

// An Envelope is what IMAP calls so (RFC 3501 §7.4.2): fields of a message's
// header. Strings are unfolded, otherwise as written: encoded words are left
// to DecodeWords. If a field stands in the header twice, the strings are the
// first one's, and the addresses those of all of them: nobody is hidden.
type Envelope struct {
	Date, Subject Optional
	From          []Address
	// Sender and ReplyTo are as written: IMAP's default, From's addresses
	// where they are empty, is left to the one who prints.
	Sender, ReplyTo      []Address
	To, Cc, Bcc          []Address
	InReplyTo, MessageID Optional
}

// An Optional is a field's value. A field that is there may be empty.
type Optional struct {
	Value   string
	Present bool
}

// An Address is one entry of an address list: an address, or the start or end
// of a group.
type Address struct {
	Kind AddressKind
	// Name is the display name, unquoted, encoded words left; for an address
	// without one, the comment after it. For GroupStart it is the group's.
	Name string
	// Route is the obsolete source route, "@a,@b", mostly "".
	Route string
	// Local and Domain are what stands before and after the @, unquoted, no
	// case changed, comments and white space removed. Domain is "" where the
	// address has none.
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

// ParseAddresses reads an address list, obsolete forms, groups and mistakes
// included. What cannot be an address is left out.
func ParseAddresses(list string) []Address { return nil }

// Addr returns local@domain with the local part quoted where it must be; "" for
// the marks of a group.
func (a Address) Addr() string { return "" }

// String returns the address as a header field shows it, the name in encoded
// words where it is not ASCII.
func (a Address) String() string { return "" }

// ParseDate reads the date-time of a Date field, obsolete and common wrong
// forms included. The time keeps the zone that it was written in.
func ParseDate(s string) (t time.Time, ok bool) { return time.Time{}, false }
