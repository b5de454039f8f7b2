package imap

import "postern/internal/wire/message"

// AppendEnvelope prints an envelope as FETCH ENVELOPE wants it, RFC 3501
// §7.4.2.
func AppendEnvelope(dst []byte, e *message.Envelope) []byte {
	if e == nil {
		e = &message.Envelope{}
	}
	dst = append(dst, '(')
	dst = appendOptional(dst, e.Date)
	dst = append(dst, ' ')
	dst = appendOptional(dst, e.Subject)
	lists := [...][]message.Address{e.From, orElse(e.Sender, e.From), orElse(e.ReplyTo, e.From), e.To, e.Cc, e.Bcc}
	for _, list := range lists {
		dst = append(dst, ' ')
		dst = appendAddresses(dst, list)
	}
	dst = append(dst, ' ')
	dst = appendOptional(dst, e.InReplyTo)
	dst = append(dst, ' ')
	dst = appendOptional(dst, e.MessageID)
	return append(dst, ')')
}

func orElse(list, instead []message.Address) []message.Address {
	if len(list) == 0 {
		return instead
	}
	return list
}

func appendOptional(dst []byte, o message.Optional) []byte {
	if !o.Present {
		return append(dst, "NIL"...)
	}
	return appendText(dst, o.Value)
}

func appendAddresses(dst []byte, list []message.Address) []byte {
	if len(list) == 0 {
		return append(dst, "NIL"...)
	}
	dst = append(dst, '(')
	for _, a := range list {
		dst = appendAddress(dst, a)
	}
	return append(dst, ')')
}

// appendAddress prints one address. A host of NIL marks the start or the end
// of a group, so that an address without a domain has an empty one.
func appendAddress(dst []byte, a message.Address) []byte {
	switch a.Kind {
	case message.GroupStart:
		dst = append(dst, "(NIL NIL "...)
		dst = appendText(dst, a.Name)
		return append(dst, " NIL)"...)
	case message.GroupEnd:
		return append(dst, "(NIL NIL NIL NIL)"...)
	}
	dst = append(dst, '(')
	dst = appendNText(dst, a.Name)
	dst = append(dst, ' ')
	dst = appendNText(dst, a.Route)
	dst = append(dst, ' ')
	dst = appendText(dst, a.Local)
	dst = append(dst, ' ')
	dst = appendText(dst, a.Domain)
	return append(dst, ')')
}
