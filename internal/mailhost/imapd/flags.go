package imapd

import (
	"strings"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// systemFlags joins the store's bits with the names of the flags, in the order
// of imap.SystemFlags.
var systemFlags = [...]struct {
	bit  store.Flags
	flag imap.Flag
}{
	{store.Answered, imap.FlagAnswered},
	{store.Flagged, imap.FlagFlagged},
	{store.Deleted, imap.FlagDeleted},
	{store.Seen, imap.FlagSeen},
	{store.Draft, imap.FlagDraft},
}

// flagsOf lists the flags of a message of the selected mailbox.
func (s *session) flagsOf(e store.Entry) []imap.Flag {
	var flags []imap.Flag
	for _, f := range systemFlags {
		if e.Flags&f.bit != 0 {
			flags = append(flags, f.flag)
		}
	}
	for i, keyword := range s.view.Keywords() {
		if e.Flags&store.Keyword(i) != 0 {
			flags = append(flags, imap.Flag(keyword))
		}
	}
	if s.view.Recent(e.UID) {
		flags = append(flags, imap.FlagRecent)
	}
	return flags
}

// splitFlags sorts the flags that a client wants to set. Those that no client
// can set are left out, as PERMANENTFLAGS announced (RFC 3501 §7.1).
func splitFlags(flags []imap.Flag) (system store.Flags, keywords []string) {
	for _, flag := range flags {
		if !strings.HasPrefix(string(flag), `\`) {
			keywords = append(keywords, string(flag))
			continue
		}
		for _, f := range systemFlags {
			if f.flag == flag {
				system |= f.bit
			}
		}
	}
	return system, keywords
}

// flagBit is the bit of a flag in the selected mailbox; 0 for a keyword that
// no message there has.
func (s *session) flagBit(flag imap.Flag) store.Flags {
	for _, f := range systemFlags {
		if f.flag == flag {
			return f.bit
		}
	}
	for i, keyword := range s.view.Keywords() {
		if strings.EqualFold(keyword, string(flag)) {
			return store.Keyword(i)
		}
	}
	return 0
}

// appendFlagsOfMailbox prints which flags there are, and which of them the
// client can change for good.
func (s *session) appendFlagsOfMailbox(b []byte) []byte {
	flags := imap.SystemFlags[:len(imap.SystemFlags):len(imap.SystemFlags)]
	for _, keyword := range s.view.Keywords() {
		flags = append(flags, imap.Flag(keyword))
	}
	b = append(b, "* FLAGS "...)
	b = imap.AppendFlags(b, flags)
	b = append(b, "\r\n* OK [PERMANENTFLAGS "...)
	switch {
	case s.view.ReadOnly():
		flags = nil
	case len(s.view.Keywords()) < store.MaxKeywords:
		flags = append(flags, imap.FlagAny)
	}
	b = imap.AppendFlags(b, flags)
	return append(b, "] these can be changed\r\n"...)
}
