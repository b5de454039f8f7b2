package diagnose

import (
	"slices"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// ipv6Broken (LN07): the IPv6 addresses of a host do not answer on ports where
// its IPv4 addresses do. A machine without any IPv6 (ENETUNREACH) falls back at
// once and has no fault.
func ipv6Broken(f *facts) []sighting {
	var found []sighting
	for _, host := range hostsOf(f) {
		var lines []fact
		answered := false
		var first *seen
		for i := range f.seen {
			s := &f.seen[i]
			if s.Host != host || !isIPv6(s.Address) {
				continue
			}
			switch {
			case !hangs(s.Connect.Failure):
				answered = true
			case reachableByIPv4(f, s):
				lines = append(lines, connectFact(s))
				if first == nil {
					first = s
				}
			}
		}
		if first == nil || answered {
			continue
		}
		found = append(found, sighting{
			at: first, step: evidence.StepReach, confidence: 0.9,
			args:  fault.Args{"host": host},
			facts: append(lines, fact{text: "the same ports answer over IPv4"}),
		})
	}
	return found
}

// hangs reports whether the connection got no answer from its goal.
func hangs(f *evidence.Failure) bool {
	if f == nil || f.Kind == evidence.Refused {
		return false
	}
	return f.Errno != "ENETUNREACH" && f.Errno != "EADDRNOTAVAIL" && f.Errno != "EAFNOSUPPORT"
}

func hostsOf(f *facts) []string {
	var hosts []string
	for _, s := range f.seen {
		if !slices.Contains(hosts, s.Host) {
			hosts = append(hosts, s.Host)
		}
	}
	return hosts
}

// reachableByIPv4 reports whether the same port of the same host connects over
// IPv4.
func reachableByIPv4(f *facts, s *seen) bool {
	return slices.ContainsFunc(f.seen, func(other seen) bool {
		return other.Host == s.Host && other.Port == s.Port && !isIPv6(other.Address) && other.Connect.Failure == nil
	})
}

// portRefused (RT01): the SYN was answered with a reset.
func portRefused(f *facts, s *seen) *sighting {
	if s.Connect.Failure == nil || s.Connect.Failure.Kind != evidence.Refused {
		return nil
	}
	sight := &sighting{
		step: evidence.StepReach, confidence: 0.95,
		args: s.args(), facts: []fact{connectFact(s)},
	}
	f.nameAddress(s, sight)
	return sight
}

// nameAddress makes the address part of what is said, where the same port opens
// at another address of the host. One that is dead altogether is the cause of
// all that fails there: mail programs that happen to take it wait or give up.
func (f *facts) nameAddress(s *seen, sight *sighting) {
	if !f.opensAtAnotherAddress(s) {
		return
	}
	sight.args["host"] = s.Host + " (" + s.Address + ")"
	sight.cause = s.Host + " " + s.Address
	sight.add("the same port answers at another address of %s", s.Host)
}

func (f *facts) opensAtAnotherAddress(s *seen) bool {
	return slices.ContainsFunc(f.seen, func(other seen) bool {
		return other.Host == s.Host && other.Port == s.Port && other.Address != s.Address && other.Connect.Failure == nil
	})
}

// deadAddress reports whether nothing answers at the address of the endpoint,
// while another address of the host does.
func (f *facts) deadAddress(s *seen) bool {
	return f.opensAtAnotherAddress(s) && !slices.ContainsFunc(f.seen, func(other seen) bool {
		return other.Address == s.Address && other.Connect.Failure == nil
	})
}

// portFiltered (RT02): no answer, while another port of the same address does
// answer. Where none does, the host may be down or may ban this client.
func portFiltered(f *facts, s *seen) *sighting {
	if s.Connect.Failure == nil || s.Connect.Failure.Kind != evidence.Timeout {
		return nil
	}
	sight := &sighting{
		step: evidence.StepReach, confidence: 0.9,
		args: s.args(), facts: []fact{connectFact(s)},
	}
	f.nameAddress(s, sight)
	if other := answering(f, s); other != nil {
		sight.facts = append(sight.facts, connectFact(other))
	} else {
		sight.confidence = 0.4
		sight.add("no port of this address answers, so a firewall can't be told from a dead server (RT06) or a ban of this client (RT09): a try from another network decides")
	}
	return sight
}

// answering finds a port of the same address where something answers, if only
// with a refusal.
func answering(f *facts, s *seen) *seen {
	for i := range f.seen {
		other := &f.seen[i]
		if other.Address == s.Address && other.Port != s.Port &&
			(other.Connect.Failure == nil || other.Connect.Failure.Kind == evidence.Refused) {
			return other
		}
	}
	return nil
}

// resetAfterAccept (RT11): TCP connects, then RST comes before any word.
func resetAfterAccept(f *facts, s *seen) *sighting {
	return brokenOff(s, evidence.Reset, evidence.TLSReset)
}

// closedAfterAccept (RT12): TCP connects, then the end comes before any word.
func closedAfterAccept(f *facts, s *seen) *sighting {
	return brokenOff(s, evidence.Closed, evidence.TLSClosed)
}

func brokenOff(s *seen, kind evidence.FailureKind, tlsKind evidence.TLSFailureKind) *sighting {
	if s.Connect.Failure != nil {
		return nil
	}
	sight := &sighting{step: evidence.StepGreet, confidence: 0.95, args: s.args()}
	switch {
	case s.Security != ports.TLS && s.Greeting != nil && broke(s.Greeting, kind):
		sight.facts = []fact{greetingFact(s)}
	case s.Security == ports.TLS && s.TLS != nil && s.TLS.Failure != nil &&
		s.TLS.Failure.Kind == tlsKind && s.TLS.Failure.Received == "" && oldVersion(s.TLS) == "":
		// A server that dislikes the ClientHello may break off too.
		sight.confidence = 0.8
		sight.facts = []fact{tlsFact(s)}
	case s.Security == ports.TLS && s.passed(evidence.StepEncrypt) && s.Greeting != nil && broke(s.Greeting, kind):
		sight.facts = []fact{greetingFact(s)}
	default:
		return nil
	}
	if s.Retried != nil {
		sight.add("a second connection a moment later ended in the same way")
	}
	return sight
}

// broke reports whether the connection ended in this way without a word.
func broke(g *evidence.Greeting, kind evidence.FailureKind) bool {
	return g.Failure != nil && g.Failure.Kind == kind && g.Text == ""
}
