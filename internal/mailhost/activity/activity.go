// Package activity keeps what clients tried: logins that worked and that did
// not, connections that spoke the wrong protocol or the wrong security, and
// those that were turned away, each with its fault id and session id, so that
// the owner of an account can see the other end of an error message.
//
// It is bounded everywhere. Sessions hand attempts over without waiting; under
// an attack equal attempts are counted instead of kept one by one. It never
// keeps a password or anything of a message.
//
// The file that the attempts end up in is package journal's.
package activity

import (
	"net/netip"
	"time"

	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// Outcome is how an attempt ended.
type Outcome string

// The outcomes.
const (
	LoggedIn    Outcome = "logged-in"   // name and password were right
	Rejected    Outcome = "rejected"    // they were not
	Refused     Outcome = "refused"     // not tried: banned, too many, not allowed here
	Misdirected Outcome = "misdirected" // wrong protocol, port or security
	Failed      Outcome = "failed"      // the TLS handshake or the server's own part failed
)

// Attempt is one thing that a client tried.
type Attempt struct {
	Time      time.Time      `json:"time"`
	Address   netip.Addr     `json:"address"`
	Port      int            `json:"port"`
	Protocol  ports.Protocol `json:"protocol"`
	Account   string         `json:"account,omitempty"`   // as the client wrote it, shortened
	Mechanism string         `json:"mechanism,omitempty"` // PLAIN, LOGIN, USER; "" before a login
	TLS       string         `json:"tls,omitempty"`       // such as "TLS 1.3", or "" without
	Outcome   Outcome        `json:"outcome"`
	Fault     fault.ID       `json:"fault,omitempty"`
	Session   string         `json:"session"`
	Detail    string         `json:"detail,omitempty"` // for people, one line
	Count     int            `json:"count"`            // how many equal attempts this one stands for
}

// Filter chooses attempts. Zero fields choose everything.
type Filter struct {
	Account string    `json:"account,omitempty"` // without regard to case
	Session string    `json:"session,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Limit   int       `json:"limit,omitempty"` // the newest so many; 0 means 1000
}

// Recorder takes attempts and never blocks.
type Recorder interface {
	Record(Attempt)
}
