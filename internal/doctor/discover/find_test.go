package discover

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/internal/dns"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// zone answers for the names in it: "A 192.0.2.1", "MX 10 mail.example.com",
// "SRV 0 993 mail.example.com". Other names do not exist.
type zone map[string][]string

func (z zone) Lookup(_ context.Context, name string, typ dns.Type) (dns.Answer, error) {
	answer := dns.Answer{Name: name, Type: typ, Server: "192.0.2.53:53", Network: "udp"}
	lines, ok := z[name]
	if !ok {
		answer.Rcode = dns.NXDomain
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		if fields[0] == "LOST" {
			return answer, &dns.Error{Name: name, Type: typ, Server: "192.0.2.53:53", Timeout: true, Err: context.DeadlineExceeded}
		}
		if fields[0] != typ.String() {
			continue
		}
		r := dns.Record{Name: name, Type: typ}
		var err error
		switch typ {
		case dns.TypeA, dns.TypeAAAA:
			r.Addr, err = netip.ParseAddr(fields[1])
		case dns.TypeMX:
			_, err = fmt.Sscan(line[3:], &r.Preference, &r.Target)
		case dns.TypeSRV:
			_, err = fmt.Sscan(line[4:], &r.Preference, &r.Port, &r.Target)
		}
		if err != nil {
			return answer, err
		}
		answer.Records = append(answer.Records, r)
	}
	return answer, nil
}

// show prints a plan: hosts with their sources, then endpoints.
func show(plan Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", plan.Target.Kind)
	for _, h := range plan.Hosts {
		fmt.Fprintf(&b, "%s %v:", h.Name, h.Addresses)
		for _, s := range h.Sources {
			fmt.Fprintf(&b, " %s", s.Kind)
			if s.Protocol != "" || s.Port != 0 {
				fmt.Fprintf(&b, "(%s %d)", s.Protocol, s.Port)
			}
		}
		b.WriteString("\n")
		for _, e := range plan.Endpoints {
			if e.Host == h.Name {
				fmt.Fprintf(&b, "  %s:%d %s %s %s\n", e.Address, e.Port, e.Protocol, e.Security, e.Role)
			}
		}
	}
	return b.String()
}

func find(t *testing.T, z zone, target string, opts Options) Plan {
	t.Helper()
	parsed, err := ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	opts.Resolver, opts.Role = z, evidence.ResolverGiven
	return Find(t.Context(), parsed, opts)
}

func TestFind(t *testing.T) {
	onlyIMAP := Options{Only: []ports.Protocol{ports.IMAP}}
	for _, c := range []struct {
		name   string
		zone   zone
		target string
		opts   Options
		want   string
	}{
		{
			name: "a host has all standard ports at all its addresses",
			zone: zone{"mail.example.com": {"A 192.0.2.1", "AAAA 2001:db8::1"}}, target: "mail.example.com", opts: onlyIMAP,
			want: `host
mail.example.com [192.0.2.1 2001:db8::1]: target
  192.0.2.1:993 imap tls access
  192.0.2.1:143 imap starttls access
  2001:db8::1:993 imap tls access
  2001:db8::1:143 imap starttls access
`},
		{
			name: "published services are where they are published, standard ports move",
			zone: zone{
				"example.com":                   {"MX 10 mail.example.com", "A 192.0.2.80"},
				"mail.example.com":              {"A 192.0.2.1"},
				"_imaps._tcp.example.com":       {"SRV 0 2993 mail.example.com"},
				"_pop3s._tcp.example.com":       {"SRV 0 0 ."},
				"_submissions._tcp.example.com": {"SRV 0 2465 mail.example.com"},
			}, target: "alice@example.com", opts: Options{Offset: 10000},
			want: `address
mail.example.com [192.0.2.1]: srv(imap 2993) srv(smtp 2465) mx
  192.0.2.1:2993 imap tls access
  192.0.2.1:2465 smtp tls submission
  192.0.2.1:10143 imap starttls access
  192.0.2.1:10587 smtp starttls submission
  192.0.2.1:12525 smtp starttls submission
  192.0.2.1:10026 smtp starttls submission
  192.0.2.1:10025 smtp starttls relay
`},
		{
			name: "usual names share an address under the first of them",
			zone: zone{
				"example.com":      {"MX 10 mx.provider.example", "A 192.0.2.80"},
				"imap.example.com": {"A 192.0.2.1"},
				"mail.example.com": {"A 192.0.2.1"},
			}, target: "example.com", opts: onlyIMAP,
			want: `domain
mx.provider.example []: mx
imap.example.com [192.0.2.1]: guess(imap 0)
  192.0.2.1:993 imap tls access
  192.0.2.1:143 imap starttls access
mail.example.com [192.0.2.1]: guess(imap 0)
`},
		{
			name: "an MX of the domain may be all its servers, a foreign one only without other names",
			zone: zone{
				"example.com":         {"MX 10 mx1.example.com", "MX 20 mx.provider.example", "A 192.0.2.80"},
				"mx1.example.com":     {"A 192.0.2.1"},
				"mx.provider.example": {"A 192.0.2.2"},
				"mail.example.com":    {"A 192.0.2.3"},
			}, target: "example.com", opts: onlyIMAP,
			want: `domain
mx1.example.com [192.0.2.1]: mx
  192.0.2.1:993 imap tls access
  192.0.2.1:143 imap starttls access
mx.provider.example [192.0.2.2]: mx
mail.example.com [192.0.2.3]: guess(imap 0)
  192.0.2.3:993 imap tls access
  192.0.2.3:143 imap starttls access
`},
		{
			name: "without any other name the MX host and the domain's own address are left",
			zone: zone{
				"example.com":         {"MX 10 mx.provider.example", "A 192.0.2.80"},
				"mx.provider.example": {"A 192.0.2.2"},
			}, target: "example.com", opts: onlyIMAP,
			want: `domain
mx.provider.example [192.0.2.2]: mx
  192.0.2.2:993 imap tls access
  192.0.2.2:143 imap starttls access
example.com [192.0.2.80]: guess(imap 0)
  192.0.2.80:993 imap tls access
  192.0.2.80:143 imap starttls access
`},
		{
			name:   "a name without address but with an MX is a domain",
			zone:   zone{"lists.example.com": {"MX 10 mail.example.com"}, "mail.example.com": {"A 192.0.2.1"}},
			target: "lists.example.com", opts: onlyIMAP,
			want: `domain
mail.example.com [192.0.2.1]: mx
  192.0.2.1:993 imap tls access
  192.0.2.1:143 imap starttls access
`},
		{
			name: "a name that does not exist stays a host",
			zone: zone{}, target: "smpt.example.com", opts: onlyIMAP,
			want: "host\nsmpt.example.com []: target\n",
		},
		{
			name: "the port that the user names is looked at first, whatever it is",
			zone: zone{}, target: "192.0.2.1:8143", opts: onlyIMAP,
			want: `endpoint
192.0.2.1 [192.0.2.1]: target( 8143)
  192.0.2.1:8143 imap  
  192.0.2.1:993 imap tls access
  192.0.2.1:143 imap starttls access
`},
		{
			name: "the port that the user names counts although the protocol is not wanted",
			zone: zone{}, target: "192.0.2.1:995", opts: onlyIMAP,
			want: `endpoint
192.0.2.1 [192.0.2.1]: target( 995)
  192.0.2.1:995 pop3 tls access
  192.0.2.1:993 imap tls access
  192.0.2.1:143 imap starttls access
`},
		{
			name: "null MX and null SRV name no host",
			zone: zone{
				"example.com":             {"MX 0 ."},
				"_imaps._tcp.example.com": {"SRV 0 0 ."},
				"imap.example.com":        {"A 192.0.2.1"},
			}, target: "example.com", opts: onlyIMAP,
			want: "domain\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, show(find(t, c.zone, c.target, c.opts))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLookupsAreKept(t *testing.T) {
	plan := find(t, zone{"example.com": {"LOST"}, "mail.example.com": {"A 192.0.2.1"}}, "example.com", Options{})
	index := func(name, typ string) evidence.Lookup {
		i := slices.IndexFunc(plan.Lookups, func(l evidence.Lookup) bool { return l.Name == name && l.Type == typ })
		if i < 0 {
			t.Fatalf("no lookup of %s %s", name, typ)
		}
		return plan.Lookups[i]
	}
	lost := index("example.com", "MX")
	if lost.Failure == nil || lost.Failure.Kind != evidence.Timeout || lost.Rcode != "" || lost.Resolver != "192.0.2.53:53" {
		t.Errorf("a question without answer: %+v", lost)
	}
	if missing := index("imap.example.com", "A"); missing.Rcode != "NXDOMAIN" || missing.Failure != nil || missing.Role != evidence.ResolverGiven {
		t.Errorf("a name that does not exist: %+v", missing)
	}
	if found := index("mail.example.com", "A"); len(found.Records) != 1 || found.Records[0].Address != "192.0.2.1" {
		t.Errorf("a name with an address: %+v", found)
	}
}

func TestEachQuestionIsAskedOnce(t *testing.T) {
	counted := &counting{next: zone{
		"example.com":             {"MX 10 mail.example.com"},
		"_imaps._tcp.example.com": {"SRV 0 993 mail.example.com"},
		"mail.example.com":        {"A 192.0.2.1"},
	}, seen: make(map[question]int)}
	target, err := ParseTarget("example.com")
	if err != nil {
		t.Fatal(err)
	}
	Find(t.Context(), target, Options{Resolver: counted})
	for q, n := range counted.seen {
		if n != 1 {
			t.Errorf("%s %s was asked %d times", q.name, q.typ, n)
		}
	}
	if len(counted.seen) < 10 {
		t.Errorf("only %d questions were asked", len(counted.seen))
	}
}

type counting struct {
	next dns.Resolver
	mu   sync.Mutex
	seen map[question]int
}

func (c *counting) Lookup(ctx context.Context, name string, typ dns.Type) (dns.Answer, error) {
	c.mu.Lock()
	c.seen[question{name, typ}]++
	c.mu.Unlock()
	return c.next.Lookup(ctx, name, typ)
}

func TestManyAddressesAreBounded(t *testing.T) {
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("A 192.0.2.%d", i+1))
	}
	plan := find(t, zone{"mail.example.com": lines}, "mail.example.com", Options{})
	if n := len(plan.Hosts[0].Addresses); n != maxAddresses {
		t.Errorf("%d addresses are looked at", n)
	}
}

var errResolver = errors.New("no resolver")

type broken struct{}

func (broken) Lookup(context.Context, string, dns.Type) (dns.Answer, error) {
	return dns.Answer{}, errResolver
}

func TestBrokenResolverLeavesItsFailures(t *testing.T) {
	target, err := ParseTarget("example.com")
	if err != nil {
		t.Fatal(err)
	}
	plan := Find(t.Context(), target, Options{Resolver: broken{}})
	if len(plan.Endpoints) != 0 || len(plan.Lookups) == 0 || plan.Lookups[0].Failure == nil {
		t.Errorf("%+v", plan)
	}
}
