package store

import "time"

// An AccountID is an account's number. It is never given out again.
type AccountID int64

// A MailboxID is a mailbox's number, kept when it is renamed (RFC 8474 §4.1).
// It is never given out again.
type MailboxID int64

// A MessageID is a message's number. Copies share it, a moved message keeps
// it; it makes EMAILID (RFC 8474 §5.1) and UIDL. It is never given out again.
type MessageID int64

// A UID numbers a message within its mailbox (RFC 9051 §2.3.1.1).
type UID uint32

// A ModSeq orders the changes of one account (RFC 7162 §3.1).
type ModSeq uint64

// A Mailbox is a mailbox as it was when it was looked up.
type Mailbox struct {
	ID          MailboxID
	Account     AccountID
	Name        string // UTF-8, levels separated by Separator
	UIDValidity uint32
	UIDNext     UID
	SpecialUse  SpecialUse
	Subscribed  bool
	Created     time.Time
}

// Separator stands between the levels of a mailbox name.
const Separator = "/"

// Inbox is the one name that is compared without case.
const Inbox = "INBOX"

// A SpecialUse is what a mailbox is for (RFC 6154 §2), as IMAP writes it; ""
// where it is for nothing special.
type SpecialUse string

// The special uses that Postern knows.
const (
	Archive SpecialUse = `\Archive`
	Drafts  SpecialUse = `\Drafts`
	Junk    SpecialUse = `\Junk`
	Sent    SpecialUse = `\Sent`
	Trash   SpecialUse = `\Trash`
)

// A Status is what a mailbox holds (RFC 9051 §6.3.11, and RECENT of RFC 3501).
type Status struct {
	Mailbox
	Messages, Unseen, Deleted, Recent int
	Size                              int64 // bytes of all messages
	HighestModSeq                     ModSeq
}
