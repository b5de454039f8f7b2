package diagnose

import (
	"slices"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// weigh says how much a sighting matters to the user, who may have another
// working way. SeverityOK means: not at all, leave it out.
//
// A host need not offer every port. A port that does not open is a finding only
// where its purpose (reading by IMAP, reading by POP, sending) has no other
// working way, or where the user named it. A port that opens and then fails is
// worth a warning even then, because mail programs find it.
func (f *facts) weigh(s sighting) fault.Severity {
	base := s.severity
	if base == fault.SeverityOK {
		entry, _ := fault.Lookup(s.id)
		base = entry.Severity
	}
	switch {
	case s.at == nil || s.id == "LN07":
		return base
	case s.step == evidence.StepReach && f.mayTake(s.at) && f.deadAddress(s.at):
		return min(base, fault.SeverityWarning)
	case s.at.claim == named:
		return base
	case s.at.Role == ports.Relay || f.run.Target.Kind == evidence.TargetEndpoint:
		return min(base, fault.SeverityInfo)
	case s.step == evidence.StepLogin || s.step == evidence.StepUse:
		return base
	case f.offers(s.at.Protocol, s.at.Endpoint):
		return min(base, f.besideAnotherWay(s))
	case f.outshone(s.at):
		return fault.SeverityOK
	case s.step == evidence.StepReach && f.opensElsewhere(s.at):
		return min(base, f.besideAnOpenPort(s.at))
	case s.step == evidence.StepReach:
		return min(base, f.closedPurpose(s.at))
	}
	return base
}

// mayTake reports whether a mail program may come to the endpoint by what the
// user or the domain said.
func (f *facts) mayTake(s *seen) bool {
	if f.run.Target.Kind == evidence.TargetEndpoint {
		return s.claim == named
	}
	return s.claim > guessed
}

// besideAnotherWay is the most that a fault can matter whose purpose has
// another working way.
func (f *facts) besideAnotherWay(s sighting) fault.Severity {
	onSameHost := slices.ContainsFunc(f.seen, func(other seen) bool {
		return other.Host == s.at.Host && other.Protocol == s.at.Protocol && other.forPeople() && other.sound()
	})
	switch {
	case s.at.claim == guessed && !onSameHost:
		return fault.SeverityOK
	case s.step == evidence.StepReach:
		return fault.SeverityInfo
	case s.at.claim == derived && !onSameHost:
		return fault.SeverityInfo
	}
	return fault.SeverityWarning
}

// outshone reports whether an endpoint is on a host that was only guessed or
// derived, and another host is more likely the one that should serve the
// protocol: because something claims it, or because it came further.
func (f *facts) outshone(s *seen) bool {
	if s.claim >= asked {
		return false
	}
	return slices.ContainsFunc(f.seen, func(other seen) bool {
		if other.Protocol != s.Protocol || other.Host == s.Host || other.Address == s.Address || !other.forPeople() {
			return false
		}
		return other.claim >= asked || other.progress() > s.progress()
	})
}

// opensElsewhere reports whether the protocol of a closed port has another one
// that is relied on as much and opens, or that is relied on more and is closed
// in another way: what keeps that one from working is the cause, and not this.
func (f *facts) opensElsewhere(s *seen) bool {
	return slices.ContainsFunc(f.seen, func(other seen) bool {
		switch failure := other.Connect.Failure; {
		case other.Protocol != s.Protocol || !other.forPeople() || other.claim < s.claim:
			return false
		case failure == nil:
			return true
		default:
			return other.claim >= published && other.claim > s.claim && failure.Kind != s.Connect.Failure.Kind
		}
	})
}

// besideAnOpenPort is the most that a closed port can matter then: little at the
// ports that no standard names.
func (f *facts) besideAnOpenPort(s *seen) fault.Severity {
	port, known := ports.Offset(f.run.Options.PortOffset).Lookup(s.Port)
	if s.claim >= asked && !(known && port.Service == "") {
		return fault.SeverityWarning
	}
	return fault.SeverityInfo
}

// progress counts the steps that passed.
func (s seen) progress() int {
	n := 0
	for _, r := range s.steps {
		if r.State == Passed {
			n++
		}
	}
	return n
}

// closedPurpose is the most that a closed port can matter when no port of its
// purpose works: everything where the user or the domain promises the purpose,
// less where something opens for another one, and the host need not offer this.
// What opens may be broken: then that is the cause, and not a port that nobody
// offered.
func (f *facts) closedPurpose(s *seen) fault.Severity {
	p := s.Protocol
	switch {
	case s.claim == published || slices.Contains(f.run.Options.Only, p) || !f.opens(ports.IMAP, ports.POP3, ports.SMTP):
		return fault.SeverityCritical
	case f.promisesOthers(p):
		return fault.SeverityInfo
	case f.run.Target.Kind == evidence.TargetHost || f.run.Target.Kind == evidence.TargetIP:
		return fault.SeverityNotice
	case p == ports.IMAP && f.opens(ports.POP3), p == ports.POP3 && f.opens(ports.IMAP):
		return fault.SeverityNotice
	}
	return fault.SeverityCritical
}

// opens reports whether a mail program gets a connection at any port of the
// protocols.
func (f *facts) opens(protocols ...ports.Protocol) bool {
	return slices.ContainsFunc(f.seen, func(s seen) bool {
		return s.forPeople() && s.Connect.Failure == nil && slices.Contains(protocols, s.Protocol)
	})
}

// promisesOthers reports whether the domain publishes services, and p is not
// among them.
func (f *facts) promisesOthers(p ports.Protocol) bool {
	others := false
	for _, s := range f.seen {
		if s.claim == published {
			if s.Protocol == p {
				return false
			}
			others = true
		}
	}
	return others
}

// isConsequence reports whether another sighting explains this one.
func isConsequence(s sighting, all []sighting) bool {
	return slices.ContainsFunc(all, func(cause sighting) bool { return explains(cause, s) })
}

// explains reports whether what was seen at one place of a host accounts for
// what was seen at another.
func explains(cause, s sighting) bool {
	if cause.at == nil || s.at == nil || cause.at.Host != s.at.Host {
		return false
	}
	switch cause.id {
	case "LN07": // nothing on the host is reached over IPv6
		return s.id != "LN07" && isIPv6(s.at.Address) && s.at.Connect.Failure != nil
	case "TL03": // without its key, a server breaks off where TLS comes first
		return (s.id == "RT11" || s.id == "RT12") && s.at.Security == ports.TLS && s.at.Protocol == cause.at.Protocol
	}
	return false
}
