package imapd

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// listed is one line of LIST or LSUB.
type listed struct {
	name        string
	use         store.SpecialUse
	exists      bool // it can be selected; for LSUB: it is subscribed to
	hasChildren bool
}

// list answers LIST and LSUB, RFC 3501 §6.3.8 and §6.3.9.
func (s *session) list(ctx context.Context, r imap.List) (string, error) {
	if r.Pattern == "" && !r.Subscribed {
		s.printf("* LIST (\\Noselect) \"/\" \"\"\r\n")
		return "", nil
	}
	pattern, err := newPattern(r.Reference + r.Pattern)
	if err != nil {
		return "", err
	}
	names, err := s.names(ctx, r.Subscribed)
	if err != nil {
		return "", err
	}
	for _, l := range withParents(names) {
		switch {
		case !pattern.matches(l.name), r.OnlySpecialUse && l.use == "":
			continue
		case r.Subscribed && !l.exists && !pattern.hasPercent():
			continue // LSUB names levels that are not subscribed to only for "%"
		}
		if err := s.write(l.append(nil, r)); err != nil {
			return "", err
		}
	}
	return "", nil
}

// names are the account's mailboxes or subscriptions.
func (s *session) names(ctx context.Context, subscribed bool) ([]listed, error) {
	var all []listed
	if subscribed {
		names, err := s.server.Store.Subscriptions(ctx, s.account.ID)
		for _, name := range names {
			all = append(all, listed{name: name, exists: true})
		}
		return all, err
	}
	mailboxes, err := s.server.Store.Mailboxes(ctx, s.account.ID)
	for _, m := range mailboxes {
		all = append(all, listed{name: m.Name, use: m.SpecialUse, exists: true})
	}
	return all, err
}

// withParents adds the levels of the hierarchy that are no mailboxes (or not
// subscribed to) but have some below them, and sorts by name, INBOX first.
func withParents(names []listed) []listed {
	levels := make(map[string]*listed, len(names))
	for _, l := range names {
		levels[l.name] = &l
	}
	for _, l := range names {
		for name := l.name; ; {
			end := strings.LastIndexByte(name, imap.Delimiter)
			if end <= 0 {
				break
			}
			name = name[:end]
			if levels[name] == nil {
				levels[name] = &listed{name: name}
			}
			levels[name].hasChildren = true
		}
	}
	all := make([]listed, 0, len(levels))
	for _, l := range levels {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b listed) int {
		if (a.name == imap.Inbox) != (b.name == imap.Inbox) {
			return map[bool]int{true: -1, false: 1}[a.name == imap.Inbox]
		}
		return strings.Compare(a.name, b.name)
	})
	return all
}

// append prints the line.
func (l listed) append(b []byte, r imap.List) []byte {
	b = append(b, "* "...)
	b = append(b, r.Name()...)
	b = append(b, " ("...)
	if !l.exists {
		b = append(b, `\Noselect `...)
	}
	if !r.Subscribed {
		if l.hasChildren {
			b = append(b, `\HasChildren `...)
		} else {
			b = append(b, `\HasNoChildren `...)
		}
	}
	b = append(b, l.use...)
	b = bytes.TrimRight(b, " ")
	b = append(b, ") \"/\" "...)
	b = imap.AppendMailbox(b, l.name)
	return append(b, "\r\n"...)
}
