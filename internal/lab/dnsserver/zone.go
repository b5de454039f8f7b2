package dnsserver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Zone is what one server knows.
type Zone struct {
	// Origin bounds what the server answers for: this name and all below it.
	// Anything else is refused. Empty means every name.
	Origin string

	// Records has one record a line in zone-file syntax, with absolute names:
	// "example.test. 300 IN MX 10 mail.example.test."
	Records string

	// Behaviours apply to a name, such as "mail.example.test.", or to one type
	// of it, such as "mail.example.test. AAAA".
	Behaviours map[string]Behaviour
}

// Behaviour is what happens to a question instead of, or before, its answer.
type Behaviour struct {
	Rcode  int           // a miekg/dns code such as dns.RcodeServerFailure; 0 answers from the records
	Delay  time.Duration // before the answer
	Silent bool          // no answer at all
}

// maxAliases bounds how many CNAME records one answer follows.
const maxAliases = 8

// data is a zone made ready for questions. Its names are canonical.
type data struct {
	origin     string
	records    map[string][]dns.RR
	behaviours map[string]Behaviour
}

func parse(zone Zone) (*data, error) {
	d := &data{
		origin:     dns.CanonicalName(zone.Origin),
		records:    make(map[string][]dns.RR),
		behaviours: make(map[string]Behaviour),
	}
	parser := dns.NewZoneParser(strings.NewReader(zone.Records), ".", "zone")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		name := dns.CanonicalName(rr.Header().Name)
		d.records[name] = append(d.records[name], rr)
	}
	if err := parser.Err(); err != nil {
		return nil, fmt.Errorf("parse zone: %w", err)
	}
	for key, b := range zone.Behaviours {
		name, kind, _ := strings.Cut(key, " ")
		if _, known := dns.StringToType[kind]; kind != "" && !known {
			return nil, fmt.Errorf("parse zone: behaviour of %q: unknown type %q", name, kind)
		}
		d.behaviours[strings.TrimSpace(dns.CanonicalName(name)+" "+kind)] = b
	}
	return d, nil
}

func (d *data) behaviour(name string, kind uint16) Behaviour {
	if b, ok := d.behaviours[name+" "+dns.TypeToString[kind]]; ok {
		return b
	}
	return d.behaviours[name]
}

// answer makes the reply to a request with one question.
func (d *data) answer(request *dns.Msg, b Behaviour) *dns.Msg {
	reply := new(dns.Msg).SetReply(request)
	reply.RecursionAvailable = true
	if opt := request.IsEdns0(); opt != nil {
		reply.SetEdns0(dns.DefaultMsgSize, false)
	}
	question := request.Question[0]
	name := dns.CanonicalName(question.Name)
	switch {
	case b.Rcode != dns.RcodeSuccess:
		reply.Rcode = b.Rcode
	case !dns.IsSubDomain(d.origin, name):
		reply.Rcode = dns.RcodeRefused
	default:
		var exists bool
		reply.Answer, exists = d.lookup(name, question.Qtype)
		if !exists {
			reply.Rcode = dns.RcodeNameError
		}
		if !exists || len(reply.Answer) == 0 {
			reply.Ns = []dns.RR{d.soa()}
		}
	}
	return reply
}

// lookup returns the records of a name and a type, behind the aliases that lead
// to them, and whether the name at the end of the aliases exists.
func (d *data) lookup(name string, kind uint16) (answer []dns.RR, exists bool) {
	for range maxAliases {
		var alias *dns.CNAME
		for _, rr := range d.records[name] {
			if rr.Header().Rrtype == kind {
				answer = append(answer, rr)
			} else if cname, ok := rr.(*dns.CNAME); ok {
				alias = cname
			}
		}
		if alias == nil {
			return answer, d.exists(name)
		}
		answer = append(answer, alias)
		name = dns.CanonicalName(alias.Target)
	}
	return answer, true
}

// exists tells whether a name has records, or stands above one that has
// (RFC 8020).
func (d *data) exists(name string) bool {
	if name == d.origin {
		return true
	}
	for owner := range d.records {
		if dns.IsSubDomain(name, owner) {
			return true
		}
	}
	return false
}

// soa returns the zone's own start of authority, or one made up, for negative
// answers.
func (d *data) soa() dns.RR {
	own := d.records[d.origin]
	if i := slices.IndexFunc(own, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA }); i >= 0 {
		return own[i]
	}
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: d.origin, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 60},
		Ns:  "ns.invalid.", Mbox: "hostmaster.invalid.",
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: 60,
	}
}
