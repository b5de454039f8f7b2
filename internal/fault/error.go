package fault

import (
	"errors"
	"strings"
)

// Error is the one error type that is shown to clients. It carries what a
// reply needs, what a log needs and which fault it is, so that one place can
// turn it into SMTP, POP3 and IMAP replies.
type Error struct {
	Fault     ID     // catalogue id, or "" where none fits
	Op        string // what was attempted, such as "deliver"
	Object    string // on what, such as "mailbox INBOX of alice@example.com"
	Temporary bool   // whether the same attempt can succeed later
	Client    string // text for the client: no secrets, no internals
	Operator  string // text for the log; may be empty
	Err       error  // the cause; may be nil
}

// Error returns the operator's view: operation, object, text and cause.
func (e *Error) Error() string {
	var parts []string
	for _, s := range []string{strings.TrimSpace(e.Op + " " + e.Object), e.text()} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	s := strings.Join(parts, ": ")
	if e.Fault != "" {
		s += " (" + string(e.Fault) + ")"
	}
	return s
}

func (e *Error) text() string {
	if e.Operator != "" {
		return e.Operator
	}
	return e.Client
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of returns the fault id that err carries, or "" if it carries none.
func Of(err error) ID {
	var e *Error
	if errors.As(err, &e) {
		return e.Fault
	}
	return ""
}
