// Package dns asks the domain name system one question at a time and keeps
// everything an answer says: the rcode, the records in their order with the
// aliases that led to them, the server that answered, and how long it took.
//
// It never judges an answer, never caches one and never follows a name into
// another zone by itself: what it returns is what one resolver said. It speaks
// UDP and, after a truncated answer, TCP (RFC 1035, RFC 6891, RFC 7766).
package dns

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// Timeout is how long one question may take in all, whatever the number of
// servers and transports it is put to.
const Timeout = 2 * time.Second

// Resolver answers questions. The error is an *Error when no server gave an
// answer at all; NXDOMAIN and SERVFAIL are answers, told by their Rcode.
type Resolver interface {
	Lookup(ctx context.Context, name string, typ Type) (Answer, error)
}

// Type is a record type by its number in the IANA registry.
type Type uint16

// The record types whose data a Record carries.
const (
	TypeA     Type = 1
	TypeCNAME Type = 5
	TypePTR   Type = 12
	TypeMX    Type = 15
	TypeTXT   Type = 16
	TypeAAAA  Type = 28
	TypeSRV   Type = 33
)

// String returns the type's mnemonic, such as "AAAA", or "TYPE65" (RFC 3597 §5).
func (t Type) String() string { return mdns.Type(t).String() }

// Rcode is a response code (RFC 6895 §2.3).
type Rcode int

// The response codes that diagnoses turn on.
const (
	NoError  Rcode = 0
	FormErr  Rcode = 1
	ServFail Rcode = 2
	NXDomain Rcode = 3
	NotImp   Rcode = 4
	Refused  Rcode = 5
)

// String returns the code's mnemonic, such as "NXDOMAIN", or "RCODE20".
func (r Rcode) String() string {
	if name, ok := mdns.RcodeToString[int(r)]; ok {
		return name
	}
	return fmt.Sprintf("RCODE%d", int(r))
}

// Answer is what one server said to one question.
type Answer struct {
	Name  string // the name asked for, lower case, without the final dot
	Type  Type
	Rcode Rcode

	Records []Record // the answer section in its order, aliases included

	Server        string        // "address:port" of the server, "hosts file", or "system"
	Network       string        // "udp", "tcp", or "" where the system does not tell
	Duration      time.Duration // from the question to this answer
	Authenticated bool          // the AD bit: the resolver validated DNSSEC
	Truncated     bool          // the TC bit survived TCP: records are missing
}

// Record is one resource record. Only the fields of its type are set.
type Record struct {
	Name string // owner, lower case, without the final dot
	Type Type
	TTL  time.Duration

	Addr       netip.Addr // A, AAAA
	Target     string     // CNAME, PTR, MX, SRV: a name, lower case; "." is the root
	Preference uint16     // MX preference, SRV priority: lower comes first
	Weight     uint16     // SRV
	Port       uint16     // SRV
	Text       string     // TXT: its strings, joined (RFC 7208 §3.3)
}

// Addrs returns the addresses of an A or AAAA answer in its order.
func (a Answer) Addrs() []netip.Addr {
	var addrs []netip.Addr
	for _, r := range a.of(TypeA, TypeAAAA) {
		addrs = append(addrs, r.Addr)
	}
	return addrs
}

// Targets returns the records of the type asked for, without the aliases that
// led to them: the MX records of an MX answer, the SRV records of an SRV one.
func (a Answer) Targets() []Record { return a.of(a.Type) }

// Texts returns the texts of a TXT answer.
func (a Answer) Texts() []string {
	var texts []string
	for _, r := range a.of(TypeTXT) {
		texts = append(texts, r.Text)
	}
	return texts
}

// Aliases follows the CNAME records from the name asked for and returns each
// name they lead through; the last one is the canonical name. A loop ends the
// walk. It is empty when the name is no alias.
func (a Answer) Aliases() []string {
	next := make(map[string]string)
	for _, r := range a.of(TypeCNAME) {
		next[r.Name] = r.Target
	}
	var chain []string
	name := a.Name
	for {
		target, ok := next[name]
		if !ok {
			return chain
		}
		delete(next, name)
		chain = append(chain, target)
		name = target
	}
}

// Missing reports whether the name does not exist at all (NXDOMAIN), as opposed
// to existing without records of this type.
func (a Answer) Missing() bool { return a.Rcode == NXDomain }

// Empty reports whether the name exists without a record of the type asked for.
func (a Answer) Empty() bool { return a.Rcode == NoError && len(a.Targets()) == 0 }

func (a Answer) of(types ...Type) []Record {
	var out []Record
	for _, r := range a.Records {
		for _, t := range types {
			if r.Type == t {
				out = append(out, r)
			}
		}
	}
	return out
}

// Error says that no server answered a question.
type Error struct {
	Name    string
	Type    Type
	Server  string // the last server asked, "" where there is none to ask
	Timeout bool   // nothing came in time, as opposed to a refusal
	Err     error
}

func (e *Error) Error() string {
	server := e.Server
	if server == "" {
		server = "any resolver"
	}
	return fmt.Sprintf("no answer from %s about %s %s: %v", server, e.Name, e.Type, e.Err)
}

// Unwrap returns what the network said.
func (e *Error) Unwrap() error { return e.Err }

// Canonical returns name in the form in which this package compares and returns
// names: lower case, without the final dot. The root stays ".".
func Canonical(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}
