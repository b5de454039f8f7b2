package diagnose

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// facts is a run with what every rule asks of it.
type facts struct {
	run   *evidence.Run
	now   time.Time
	seen  []seen                     // every endpoint, the user's first choice first
	trust map[string]evidence.Source // best source of each host
}

// seen is an endpoint with how far it came.
type seen struct {
	*evidence.Endpoint
	steps map[evidence.Step]StepResult
	// claim says how much the user relies on this endpoint.
	claim claim
}

// claim orders endpoints by why they were looked at.
type claim int

const (
	guessed   claim = iota // a usual name
	derived                // a host that belongs to the domain: MX, or another port of a published host
	asked                  // a host that the user asked about
	published              // this very port, in an SRV record of the domain
	named                  // this very port, by the user
)

func gather(run *evidence.Run) *facts {
	f := &facts{run: run, now: run.Started, trust: map[string]evidence.Source{}}
	for _, h := range run.Hosts {
		if len(h.Sources) > 0 {
			f.trust[h.Name] = h.Sources[0]
		}
	}
	for i := range run.Endpoints {
		e := &run.Endpoints[i]
		f.seen = append(f.seen, seen{Endpoint: e, steps: assess(f, e), claim: f.claim(e)})
	}
	slices.SortStableFunc(f.seen, compareSeen)
	return f
}

// compareSeen puts what the user relies on most, and should prefer, first.
func compareSeen(a, b seen) int {
	if a.claim != b.claim {
		return int(b.claim) - int(a.claim)
	}
	return preference(a.Endpoint) - preference(b.Endpoint)
}

// preference is lower for endpoints that people should rather use: reading
// before sending, IMAP before POP3, TLS from the first byte before STARTTLS,
// and the first choice among the standard ports.
func preference(e *evidence.Endpoint) int {
	n := 1000 * (1 + slices.Index([]ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP}, e.Protocol))
	if e.Role == ports.Relay {
		n += 10000
	}
	n += 100 * slices.Index([]ports.Security{ports.TLS, ports.StartTLS, ports.None}, e.Security)
	if p, ok := ports.Lookup(e.Port); ok {
		n += p.Rank
	}
	return n
}

func (f *facts) claim(e *evidence.Endpoint) claim {
	t := f.run.Target
	if t.Kind == evidence.TargetEndpoint && t.Port == e.Port && sameName(t.Host, e.Host) {
		return named
	}
	for _, s := range f.run.Settings {
		if sameName(s.Host, e.Host) && s.Port == e.Port {
			return named
		}
	}
	best := guessed
	for _, h := range f.run.Hosts {
		if !sameName(h.Name, e.Host) {
			continue
		}
		for _, s := range h.Sources {
			best = max(best, claimOf(s, e))
		}
	}
	return best
}

// claimOf is the claim that one source of a host makes on one of its ports.
func claimOf(s evidence.Source, e *evidence.Endpoint) claim {
	switch s.Kind {
	case evidence.FromSettings, evidence.FromTarget:
		return asked
	case evidence.FromSRV:
		if s.Port == e.Port && (s.Protocol == "" || s.Protocol == e.Protocol) {
			return published
		}
		return derived
	case evidence.FromMX:
		return derived
	}
	return guessed
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// passed reports whether the endpoint took a step without fault.
func (s seen) passed(step evidence.Step) bool { return s.steps[step].State == Passed }

// sound reports whether a mail program could use the endpoint, as far as can be
// said without a login.
func (s seen) sound() bool {
	for _, step := range []evidence.Step{evidence.StepReach, evidence.StepGreet, evidence.StepEncrypt, evidence.StepCertify} {
		if !s.passed(step) {
			return false
		}
	}
	return s.End == nil || s.End.After == evidence.StepLogin || s.End.After == evidence.StepUse
}

// forPeople reports whether mail programs are meant to use the endpoint.
func (s seen) forPeople() bool { return s.Role != ports.Relay }

// works reports whether the endpoint is sound and does not refuse the user.
func (s seen) works() bool { return s.forPeople() && s.sound() && !s.refuses() }

// refuses reports whether the login or the mailbox failed.
func (s seen) refuses() bool {
	return s.steps[evidence.StepLogin].State == Failed || s.steps[evidence.StepUse].State == Failed
}

// offers reports whether a mail program could use protocol anywhere, other than
// at the endpoint not, without losing its patience.
func (f *facts) offers(p ports.Protocol, not *evidence.Endpoint) bool {
	return slices.ContainsFunc(f.seen, func(s seen) bool {
		return s.Protocol == p && s.Endpoint != not && s.forPeople() && s.sound() && s.Greeting.Took < tooSlowMillis
	})
}

// offersAnything reports whether a mail program could use any endpoint.
func (f *facts) offersAnything() bool {
	return slices.ContainsFunc(f.seen, func(s seen) bool { return s.forPeople() && s.sound() })
}

// lookups returns the answered and unanswered questions about a name.
func (f *facts) lookups(name string, types ...string) []evidence.Lookup {
	var found []evidence.Lookup
	for _, l := range f.run.DNS {
		if sameName(l.Name, name) && slices.Contains(types, l.Type) {
			found = append(found, l)
		}
	}
	return found
}

// resolvesTo reports whether name was seen to have the address.
func (f *facts) resolvesTo(name, address string) bool {
	for _, l := range f.lookups(name, "A", "AAAA") {
		for _, r := range l.Records {
			if r.Address != "" && sameAddress(r.Address, address) {
				return true
			}
		}
	}
	return false
}

func sameAddress(a, b string) bool {
	ipA, errA := netip.ParseAddr(a)
	ipB, errB := netip.ParseAddr(b)
	return errA == nil && errB == nil && ipA.Unmap() == ipB.Unmap()
}

func isIPv6(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && !ip.Unmap().Is4()
}

func isIP(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}
