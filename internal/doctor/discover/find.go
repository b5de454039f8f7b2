package discover

import (
	"cmp"
	"context"
	"slices"

	"postern/internal/dns"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

const (
	maxTargets   = 4 // of one MX or SRV answer that are looked at
	maxAddresses = 8 // of one host that are looked at
)

var protocols = []ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP}

// guesses are the usual names of mail servers in their domain, in the order in
// which mail programs try them; "" is the domain itself.
var guesses = []struct {
	prefix    string
	protocols []ports.Protocol
}{
	{"imap.", []ports.Protocol{ports.IMAP}},
	{"pop3.", []ports.Protocol{ports.POP3}},
	{"pop.", []ports.Protocol{ports.POP3}},
	{"smtp.", []ports.Protocol{ports.SMTP}},
	{"mail.", protocols},
	{"", protocols},
}

// candidate is a host to look at.
type candidate struct {
	name      string
	sources   []evidence.Source
	protocols []ports.Protocol // whose standard ports are looked at
	relay     bool             // port 25 too
	published []place          // what records or the user name exactly
}

// place is a port with what is expected there.
type place struct {
	port     int
	protocol ports.Protocol
	security ports.Security
	role     ports.Role
}

type finder struct {
	asker
	opts       Options
	domain     string       // whose records are asked for
	candidates []*candidate // in the order of trust
}

func (f *finder) find(ctx context.Context, target *evidence.Target) {
	if target.Kind == evidence.TargetIP || target.Domain == "" {
		f.asTarget(*target)
		return
	}
	domain := target.Domain
	f.domain = domain
	questions := f.addresses(domain)
	if target.Kind != evidence.TargetEndpoint {
		questions = append(questions, question{domain, dns.TypeMX})
		for _, p := range ports.All() {
			if p.Service != "" {
				questions = append(questions, question{service(p, domain), dns.TypeSRV})
			}
		}
		for _, g := range guesses {
			questions = append(questions, f.addresses(g.prefix+domain)...)
		}
	}
	f.ask(ctx, questions...)

	if target.Kind == evidence.TargetHost && len(f.addrs(domain)) == 0 && f.isMailDomain() {
		target.Kind, target.Host = evidence.TargetDomain, ""
	}
	if target.Kind == evidence.TargetHost || target.Kind == evidence.TargetEndpoint {
		f.asTarget(*target)
		return
	}
	f.fromSRV(domain)
	f.fromMX(domain)
	var published []string
	for _, c := range f.candidates {
		published = append(published, c.name)
	}
	f.ask(ctx, f.addresses(published...)...)
	f.guess(domain)
}

func service(p ports.Port, domain string) string { return "_" + p.Service + "._tcp." + domain }

// isMailDomain reports whether the DNS says anything about mail for the target.
func (f *finder) isMailDomain() bool {
	for q, answer := range f.answers {
		if (q.typ == dns.TypeMX || q.typ == dns.TypeSRV) && len(answer.Targets()) > 0 {
			return true
		}
	}
	return false
}

// candidate finds or makes the candidate with that name.
func (f *finder) candidate(name string, source evidence.Source) *candidate {
	for _, c := range f.candidates {
		if c.name == name {
			c.sources = append(c.sources, source)
			return c
		}
	}
	c := &candidate{name: name, sources: []evidence.Source{source}}
	f.candidates = append(f.candidates, c)
	return c
}

// asTarget takes the host that the user named, with all its ports.
func (f *finder) asTarget(target evidence.Target) {
	source := evidence.Source{Kind: evidence.FromTarget, Port: target.Port}
	c := f.candidate(target.Host, source)
	c.protocols, c.relay = slices.Clone(protocols), true
	if target.Port != 0 {
		c.published = []place{f.place(target.Port)}
	}
}

// place says what is expected at a port by its number.
func (f *finder) place(number int) place {
	p, ok := f.opts.Offset.Lookup(number)
	if !ok {
		p, ok = ports.Lookup(number)
	}
	switch {
	case ok:
		return place{number, p.Protocol, p.Security, p.Role}
	case len(f.opts.Only) == 1:
		return place{number, f.opts.Only[0], "", ""}
	}
	return place{port: number}
}

// fromSRV takes the hosts that the domain publishes. They are also looked at
// for the protocols that no record of the domain mentions.
func (f *finder) fromSRV(domain string) {
	for _, p := range ports.All() {
		if p.Service == "" {
			continue
		}
		for _, r := range f.sorted(question{service(p, domain), dns.TypeSRV}) {
			if r.Target == "." { // not offered (RFC 2782)
				continue
			}
			c := f.candidate(r.Target, evidence.Source{
				Kind: evidence.FromSRV, Record: service(p, domain),
				Protocol: p.Protocol, Port: int(r.Port), Priority: int(r.Preference),
			})
			c.want(p.Protocol)
			c.published = append(c.published, place{int(r.Port), p.Protocol, p.Security, p.Role})
		}
	}
	for _, protocol := range protocols {
		for _, c := range f.candidates {
			if !f.published(protocol) {
				c.want(protocol)
			}
		}
	}
}

// fromMX takes the hosts that receive the domain's mail, for that.
func (f *finder) fromMX(domain string) {
	for _, r := range f.sorted(question{domain, dns.TypeMX}) {
		if r.Target == "." { // no mail here (RFC 7505)
			continue
		}
		f.candidate(r.Target, evidence.Source{
			Kind: evidence.FromMX, Record: domain, Priority: int(r.Preference),
		}).relay = true
	}
}

// sorted returns the first targets of an MX or SRV answer, best first.
func (f *finder) sorted(q question) []dns.Record {
	records := slices.Clone(f.answers[q].Targets())
	slices.SortStableFunc(records, func(a, b dns.Record) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), cmp.Compare(b.Weight, a.Weight))
	})
	return records[:min(len(records), maxTargets)]
}

// guess looks for servers of the protocols that no SRV record mentions: at the
// usual names, and at the MX hosts where they are of the same domain or where
// no usual name has an address. The domain's own address comes last, as it is
// most often a web server's.
func (f *finder) guess(domain string) {
	receiving := slices.Clone(f.candidates)
	for _, protocol := range protocols {
		if !f.wanted(protocol) || f.published(protocol) {
			continue
		}
		found := false
		for _, g := range guesses {
			name := g.prefix + domain
			last := g.prefix == ""
			if !slices.Contains(g.protocols, protocol) || len(f.addrs(name)) == 0 || last && found {
				continue
			}
			f.candidate(name, evidence.Source{Kind: evidence.FromGuess, Protocol: protocol}).want(protocol)
			found = found || !last
		}
		for _, c := range receiving {
			if !found || within(c.name, domain) {
				c.want(protocol)
			}
		}
	}
}

// published reports whether SRV records speak of the protocol, be it to say
// that it is not offered.
func (f *finder) published(protocol ports.Protocol) bool {
	return slices.ContainsFunc(ports.All(), func(p ports.Port) bool {
		return p.Protocol == protocol && f.publishes(p)
	})
}

// publishes reports whether SRV records speak of the port's service.
func (f *finder) publishes(p ports.Port) bool {
	return p.Service != "" && len(f.answers[question{service(p, f.domain), dns.TypeSRV}].Targets()) > 0
}

func (c *candidate) want(protocols ...ports.Protocol) {
	for _, p := range protocols {
		if !slices.Contains(c.protocols, p) {
			c.protocols = append(c.protocols, p)
		}
	}
}
