package store

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
