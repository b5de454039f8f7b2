// Package evidence holds what the doctor saw: typed facts that can be saved,
// read again and reasoned about without a network.
//
// A [Run] says what was asked, which hosts were considered and why, what the
// DNS answered, and how far each connection came with the times and the words
// of both sides. It holds no judgement and no secret. Certificates are stored
// as the fields a judgement needs, not as bytes, so that changing a date in a
// saved file changes what is found. The package never opens a connection and
// knows nothing of faults.
//
// The JSON form is versioned; every version ever written can be read for ever.
package evidence

import (
	"time"

	"postern/internal/wire/ports"
)

// Version is the version of the JSON form that [Save] writes.
const Version = 1

// Run is one look at one target. It is complete when it was saved; a cancelled
// run holds what was seen until then.
type Run struct {
	Version  int       `json:"evidence"` // of the JSON form
	Program  string    `json:"program"`  // which build of Postern looked
	Started  time.Time `json:"started"`  // the "now" of every judgement; the looking machine's clock, UTC
	Duration Millis    `json:"duration_ms"`

	Target   Target    `json:"target"`
	Settings []Setting `json:"settings,omitempty"` // what the user's mail program is set to, as typed
	Options  Options   `json:"options"`

	DNS       []Lookup   `json:"dns,omitempty"`
	Hosts     []Host     `json:"hosts,omitempty"`     // in the order of trust in their sources
	Endpoints []Endpoint `json:"endpoints,omitempty"` // one per host, address and port
	Controls  []Control  `json:"controls,omitempty"`

	// Interrupted says why the run ended before everything was looked at:
	// "cancelled" or "timeout". Empty for a complete run.
	Interrupted string `json:"interrupted,omitempty"`
}

// TargetKind is what the user gave to look at.
type TargetKind string

// The kinds of target.
const (
	TargetAddress  TargetKind = "address"  // alice@example.com
	TargetDomain   TargetKind = "domain"   // example.com, a name mail may be addressed to
	TargetHost     TargetKind = "host"     // mail.example.com, a name a server may have
	TargetIP       TargetKind = "ip"       // 192.0.2.1
	TargetEndpoint TargetKind = "endpoint" // a host or IP with a port
)

// Target is what the user asked about.
type Target struct {
	Input   string     `json:"input"` // exactly as typed
	Kind    TargetKind `json:"kind"`
	Address string     `json:"address,omitempty"` // mailbox address, when Kind is TargetAddress
	Domain  string     `json:"domain,omitempty"`  // in ASCII (IDNA), without the final dot; "" for an IP
	Host    string     `json:"host,omitempty"`    // name or IP to connect to, when the user gave one
	Port    int        `json:"port,omitempty"`    // when the user gave one
	User    string     `json:"user,omitempty"`    // user name for the login, as typed or derived
}

// Use says which half of a mail program's settings something belongs to.
type Use string

// The halves: Incoming reads, Outgoing sends.
const (
	Incoming Use = "incoming"
	Outgoing Use = "outgoing"
)

// Setting is one half of the settings that the user's mail program holds.
type Setting struct {
	Use      Use            `json:"use"`
	Protocol ports.Protocol `json:"protocol"`
	Host     string         `json:"host"`
	Port     int            `json:"port"`
	Security ports.Security `json:"security"`
	User     string         `json:"user,omitempty"`
	Auth     string         `json:"auth,omitempty"` // none, login, scram, spa, oauth2
}

// Options are the inputs of a run that decide what could be seen.
type Options struct {
	Only          []ports.Protocol `json:"only,omitempty"`     // protocols the user wants; empty: all
	Resolver      string           `json:"resolver,omitempty"` // address:port given by the user
	Roots         string           `json:"roots,omitempty"`    // "system", or "given" when the user named a CA file
	PortOffset    int              `json:"port_offset,omitempty"`
	Credentials   bool             `json:"credentials"`              // whether there was a password to log in with
	InsecureLogin bool             `json:"insecure_login,omitempty"` // the user insisted on sending it where it is not safe
	Limits        Limits           `json:"limits"`
}

// Limits are how long the run waited before it called something silent.
type Limits struct {
	DNS      Millis `json:"dns_ms,omitempty"`
	Connect  Millis `json:"connect_ms,omitempty"`
	Greeting Millis `json:"greeting_ms,omitempty"`
	Reply    Millis `json:"reply_ms,omitempty"`
}

// Host is a server name (or IP) that was considered.
type Host struct {
	Name      string   `json:"name"`    // lower-case ASCII without the final dot, or an IP
	Sources   []Source `json:"sources"` // why it was considered, best first
	Addresses []string `json:"addresses,omitempty"`
}

// SourceKind says where a host came from.
type SourceKind string

// The sources, in falling order of trust.
const (
	FromSettings SourceKind = "settings" // the user's mail program is set to it
	FromTarget   SourceKind = "target"   // the user asked about it
	FromSRV      SourceKind = "srv"      // the domain publishes it for this service
	FromMX       SourceKind = "mx"       // the domain receives its mail there
	FromGuess    SourceKind = "guess"    // a usual name, such as mail.example.com
)

// Source is one reason to look at a host, for all ports when Port is 0.
type Source struct {
	Kind     SourceKind     `json:"kind"`
	Record   string         `json:"record,omitempty"` // such as "_imaps._tcp.example.com"
	Protocol ports.Protocol `json:"protocol,omitempty"`
	Port     int            `json:"port,omitempty"`
	Priority int            `json:"priority,omitempty"` // of the MX or SRV record
}

// ControlKind is what a control connection tells apart.
type ControlKind string

// The controls.
const (
	ControlOtherHost ControlKind = "other-host" // the same port of a host known to be up
	ControlHTTPS     ControlKind = "https"      // port 443 of a host known to be up
	ControlNobody    ControlKind = "nobody"     // an address where nobody can answer (TEST-NET, RFC 5737)
)

// Control is a connection to something other than the target, made to learn
// about the network in between.
type Control struct {
	Kind    ControlKind `json:"kind"`
	Host    string      `json:"host,omitempty"`
	Address string      `json:"address"`
	Port    int         `json:"port"`
	Connect Connect     `json:"connect"`
}
