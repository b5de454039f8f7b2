package refuse

import (
	"errors"
	"syscall"

	"postern/internal/fault"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/store"
)

// known are the errors of mail and people at rest that may come up through any
// command, and what they are to a client.
var known = []struct {
	err error
	as  fault.Error
}{
	{store.ErrBusy, fault.Error{Fault: "SH05", Temporary: true, Client: "the mail store is busy; try again in a moment"}},
	{store.ErrStopped, fault.Error{Fault: "SH05", Temporary: true, Client: "the mail store is not available; try again in a moment"}},
	{syscall.ENOSPC, fault.Error{Fault: "SH04", Temporary: true, Client: "the server's disk is full; tell its administrator"}},
	{store.ErrDamaged, fault.Error{Fault: "MB04", Client: "this message is damaged on the server's disk; tell its administrator"}},
	{store.ErrNoMailbox, fault.Error{Fault: "MB05", Client: "there is no such mailbox"}},
	{store.ErrNoAccount, fault.Error{Fault: "AC04", Client: "the account has been removed"}},
	{directory.ErrNoSuchUser, fault.Error{Fault: "OU04", Client: "no such user here"}},
	{directory.ErrNotLocal, fault.Error{Fault: "OU01", Client: "that domain is not ours"}},
	{directory.ErrBusy, fault.Error{Fault: "AU13", Temporary: true, Client: "too many logins at once; try again in a moment"}},
}

// asFault makes a fault of any error. One that nobody has named is our own
// failing, and those may pass.
func asFault(err error) *fault.Error {
	var e *fault.Error
	if errors.As(err, &e) {
		if e.Client == "" && e.Err != nil {
			// Whoever wrapped it left the words to the cause.
			if cause := asFault(e.Err); cause.Client != "" {
				return cause
			}
		}
		return e
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			e := k.as
			e.Err = err
			return &e
		}
	}
	return &fault.Error{Temporary: true, Err: err}
}
