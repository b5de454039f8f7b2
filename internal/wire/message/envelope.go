package message

import "strings"

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

// envelope makes an envelope of the fields that a header has.
func (p *parser) envelope(fields map[string]string) *Envelope {
	text := func(name string) Optional {
		value, ok := fields[name]
		return Optional{p.keep(value), ok}
	}
	return &Envelope{
		Date:      text("date"),
		Subject:   text("subject"),
		From:      p.addresses(fields["from"]),
		Sender:    p.addresses(fields["sender"]),
		ReplyTo:   p.addresses(fields["reply-to"]),
		To:        p.addresses(fields["to"]),
		Cc:        p.addresses(fields["cc"]),
		Bcc:       p.addresses(fields["bcc"]),
		InReplyTo: text("in-reply-to"),
		MessageID: text("message-id"),
	}
}

// addresses reads the lists of one or more fields, parted by LF.
func (p *parser) addresses(lists string) []Address {
	var kept []Address
	for list := range strings.SplitSeq(lists, "\n") {
		for _, a := range ParseAddresses(list) {
			if len(kept) == MaxAddresses {
				return kept
			}
			const fixed = 32 // what an entry costs beside its strings
			if p.kept += fixed; p.kept > MaxKept {
				return kept
			}
			kept = append(kept, Address{a.Kind, p.keep(a.Name), p.keep(a.Route), p.keep(a.Local), p.keep(a.Domain)})
		}
	}
	return kept
}
