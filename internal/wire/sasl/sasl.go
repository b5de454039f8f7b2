// Package sasl holds the login mechanisms PLAIN and LOGIN, both sides, and the
// base64 form in which SMTP, POP3 and IMAP carry them.
//
// It verifies nothing: a server's mechanism ends with the credentials that the
// client claims, and its caller decides whether they are true.
//
// It follows RFC 4422 (SASL), RFC 4616 (PLAIN) and draft-murchison-sasl-login
// (LOGIN, with the prompts that Outlook insists on).
package sasl

import (
	"errors"

	"postern/internal/secret"
)

// The mechanisms, as they are named on the wire.
const (
	Plain = "PLAIN"
	Login = "LOGIN"
)

// MaxField is the longest user name or password taken, in octets.
const MaxField = 1024

// Credentials are what a client claims.
type Credentials struct {
	// Authorization is the identity to act as; empty means the same as
	// Authentication (RFC 4616 §2).
	Authorization string
	// Authentication is the identity whose password is given.
	Authentication string
	Password       secret.Secret
}

// ErrCanceled says that the client ended the exchange with "*".
var ErrCanceled = errors.New("sasl: the client cancelled the exchange")

// FormatError says that a message of the exchange has not the form that its
// mechanism asks for.
type FormatError struct {
	// Text is in words for the other side.
	Text string
}

func (e *FormatError) Error() string { return "sasl: " + e.Text }

// Server is the server's side of one exchange.
type Server interface {
	// Next takes the client's response, nil when it has sent none yet, and
	// returns the challenge to send. When done, there is no challenge and
	// Credentials holds what the client claims. An error ends the exchange;
	// it is a *FormatError.
	Next(response []byte) (challenge []byte, done bool, err error)
	// Credentials is valid after Next has returned done.
	Credentials() Credentials
}

// NewServer begins an exchange. The mechanism's name is in upper case; ok is
// false for one that is not known.
func NewServer(mechanism string) (s Server, ok bool) {
	switch mechanism {
	case Plain:
		return &plainServer{}, true
	case Login:
		return &loginServer{}, true
	}
	return nil, false
}

// Client is the client's side of one exchange.
type Client interface {
	// Mechanism is the name on the wire.
	Mechanism() string
	// Initial is the initial response; ok is false when the mechanism has
	// none and waits for the server's first challenge.
	Initial() (response []byte, ok bool)
	// Next answers a challenge. A client that has an initial response but
	// found no place for it calls Next with the server's empty challenge.
	Next(challenge []byte) ([]byte, error)
}

// NewClient begins an exchange on the client's side; ok is false for a
// mechanism that is not known.
func NewClient(mechanism string, c Credentials) (cl Client, ok bool) {
	switch mechanism {
	case Plain:
		return &plainClient{credentials: c}, true
	case Login:
		return &loginClient{credentials: c}, true
	}
	return nil, false
}

// Claimant is the user name that a client gives away in an initial response,
// still in base64; "" when it gives none. It is for the record of a login that
// is refused before it begins, never for one that is tried.
func Claimant(mechanism, initial string) string {
	s, known := NewServer(mechanism)
	response, err := DecodeInitial(initial)
	if !known || err != nil {
		return ""
	}
	if _, _, err := s.Next(response); err != nil {
		return ""
	}
	return s.Credentials().Authentication
}
