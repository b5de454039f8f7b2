// Package script is a mail server that does what a written dialogue says.
//
// A script is text. It names what the client may send and what happens then:
//
//	connect
//	  S: * OK {host} ready
//	C: {tag} NOOP
//	  S: {tag} OK done
//	C: {tag} LOGIN {user} {password}
//	  login {user} {password}
//	  yes S: {tag} OK welcome
//	  no  S: {tag} NO [AUTHENTICATIONFAILED] wrong
//
// Any reply, delay, silence, cut, FIN or RST can stand at any step, and TLS
// with any certificate, at once or after STARTTLS. [IMAP], [POP3] and [SMTP]
// are whole scripts that are mostly right, in which a scenario changes one thing.
//
// The server is for tests and demonstrations on loopback: it keeps no mail and
// is not a parser that would stand up to the world.
package script

import (
	"crypto/tls"
	"net"
	"sync"
)

// Script is a parsed script.
type Script struct{}

// Parse reads a script. An error names the line.
func Parse(text string) (*Script, error) { return nil, nil }

// Server runs a script on every connection that it accepts.
type Server struct {
	Script *Script

	// TLS is used for STARTTLS, and from the first byte on if Implicit is set.
	TLS      *tls.Config
	Implicit bool

	Vars     map[string]string // what {name} stands for, beside what the client sent
	Accounts map[string]string // user name to password, for login
	Counter  *Counter          // may be shared between servers; may be nil

	wg sync.WaitGroup
}

// Serve accepts connections until the listener is closed.
func (s *Server) Serve(l net.Listener) error { return nil }

// Close ends all sessions and waits for them.
func (s *Server) Close() {}

// Counter counts what clients did. It is safe for concurrent use.
type Counter struct {
	mu     sync.Mutex
	counts Counts
}

// Counts is a moment's state of a [Counter].
type Counts struct {
	Connections  int // accepted
	Sessions     int // in which the client sent a command
	PeakSessions int // most sessions at a time, counted from the first command to the end
	Logins       int // attempts
	Failed       int // attempts that were refused
}

// Counts returns the state now.
func (c *Counter) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}
