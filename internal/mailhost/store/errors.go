package store

import "errors"

// What can be wrong with an op. Errors of this package wrap one of these, or
// they come from the disk; ask with errors.Is. ErrBusy and ErrStopped are
// temporary: the same op can succeed later.
var (
	ErrBusy          = errors.New("the mail store is busy")
	ErrStopped       = errors.New("the mail store has stopped")
	ErrNoAccount     = errors.New("no such account")
	ErrNoMailbox     = errors.New("no such mailbox")
	ErrNoMessage     = errors.New("no such message")
	ErrMailboxExists = errors.New("a mailbox of that name exists")
	ErrBadName       = errors.New("not a possible mailbox name")
	ErrInbox         = errors.New("INBOX cannot be removed")
	ErrSpecialUse    = errors.New("another mailbox has that special use")
	ErrKeywords      = errors.New("too many keywords in one mailbox")
	ErrTooMany       = errors.New("too many mailboxes")
	ErrReadOnly      = errors.New("the mailbox was opened read-only")
	ErrLocked        = errors.New("another process has the data directory")
	ErrNewer         = errors.New("the data directory is from a later version")
	ErrDamaged       = errors.New("stored bytes are damaged")
)
