// Package dnsserver is a DNS server for tests and demonstrations on loopback.
//
// It answers from a [Zone], which is data: records in zone-file syntax, and for
// single names another behaviour, such as an error code, a delay or silence. It
// speaks UDP and TCP on the same port. It never asks another server; a name
// outside its zone is refused.
//
// RFC 1034, RFC 1035, RFC 2308 (negative answers).
package dnsserver

import (
	"errors"
	"net/netip"
	"time"
)

// Zone is what one server knows.
type Zone struct {
	// Records has one record a line in zone-file syntax, with absolute names:
	// "example.test. 300 IN MX 10 mail.example.test."
	Records string

	// Behaviours apply to a name, whatever type is asked for. Names are
	// absolute and in lower case.
	Behaviours map[string]Behaviour
}

// Behaviour is what happens to a question instead of, or before, its answer.
type Behaviour struct {
	Rcode  int           // a miekg/dns code such as dns.RcodeServerFailure; 0 answers from the records
	Delay  time.Duration // before the answer
	Silent bool          // no answer at all
}

// Server is a running DNS server.
type Server struct{}

// Start listens on the address, on UDP and TCP; port 0 takes any port that is
// free on both.
func Start(at netip.AddrPort, zone Zone) (*Server, error) {
	return nil, errors.New("not built")
}

// Addr returns where the server listens.
func (s *Server) Addr() netip.AddrPort { return netip.AddrPort{} }

// Questions returns how often a name was asked for, whatever the type.
func (s *Server) Questions(name string) int { return 0 }

// Close ends the server.
func (s *Server) Close() error { return nil }
