package evidence

// Lookup is one question to one resolver and what came of it. The names that a
// certificate lists instead of the host's are looked up too, so that the one
// with the same address can be told.
type Lookup struct {
	Name          string   `json:"name"` // lower-case ASCII without the final dot
	Type          string   `json:"type"` // "A", "AAAA", "MX", "SRV", "TXT", "CNAME", "PTR"
	Resolver      string   `json:"resolver"`
	Role          Resolver `json:"role"`
	Rcode         string   `json:"rcode,omitempty"` // "NOERROR", "NXDOMAIN", ...; "" when there was no answer
	Records       []Record `json:"records,omitempty"`
	Network       string   `json:"network,omitempty"` // "udp" or "tcp"
	Authenticated bool     `json:"authenticated,omitempty"`
	Truncated     bool     `json:"truncated,omitempty"`
	Took          Millis   `json:"ms"`
	Failure       *Failure `json:"failure,omitempty"` // instead of an answer
}

// Resolver says which resolver was asked.
type Resolver string

// The resolvers.
const (
	ResolverSystem Resolver = "system" // the machine's own
	ResolverGiven  Resolver = "given"  // named by the user; takes the system's place
	ResolverSecond Resolver = "second" // another one, to compare
)

// Record is one resource record of an answer. Only the fields of its type are
// set.
type Record struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	TTL     int    `json:"ttl"`               // seconds
	Address string `json:"address,omitempty"` // A, AAAA
	Target  string `json:"target,omitempty"`  // CNAME, PTR, MX, SRV; "." for the root
	// Preference is the MX preference or SRV priority: lower comes first.
	Preference int    `json:"preference,omitempty"`
	Weight     int    `json:"weight,omitempty"`
	Port       int    `json:"port,omitempty"`
	Text       string `json:"text,omitempty"` // TXT
}
