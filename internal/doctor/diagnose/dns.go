package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// hostNotFound (DN02): every resolver that answered says that a name does not
// exist which the user or the domain gave. Guessed names need not exist.
func hostNotFound(f *facts) []sighting {
	var found []sighting
	for _, name := range givenNames(f) {
		lookups := f.lookups(name, "A", "AAAA", "MX")
		lines, missing := nxdomain(lookups)
		if !missing {
			continue
		}
		s := sighting{
			host: name, step: evidence.StepName, confidence: 0.9, facts: lines,
			args: fault.Args{"host": name},
		}
		if resolvers(lookups) > 1 {
			s.confidence = 0.98
		}
		if src := f.trust[name]; src.Kind == evidence.FromSRV || src.Kind == evidence.FromMX {
			s.owner, s.also = fault.DomainOwner, []fault.Owner{fault.ServerAdmin}
			s.add("%s points there", publisher(src))
			if f.offersAnything() {
				s.severity = fault.SeverityWarning
			}
		} else if below := f.nameBelow(name); below != "" {
			s.owner, s.also = fault.DomainOwner, nil
			s.add("%s exists all the same: the DNS of the domain contradicts itself", below)
			if f.offersAnything() {
				s.severity = fault.SeverityWarning
			}
		}
		found = append(found, s)
	}
	return found
}

// nameBelow finds a name below another that was seen to exist; "" if none was.
// A name below one that does not exist can't exist (RFC 8020).
func (f *facts) nameBelow(name string) string {
	for _, l := range f.run.DNS {
		if strings.HasSuffix(l.Name, "."+name) && l.Rcode == "NOERROR" && hasData(l) {
			return l.Name
		}
	}
	return ""
}

// givenNames lists the names that must exist: the target's, and those that the
// user's settings or the domain's records point to.
func givenNames(f *facts) []string {
	var names []string
	add := func(name string) {
		if name != "" && !isIP(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	t := f.run.Target
	add(t.Host)
	if t.Host == "" {
		add(t.Domain)
	}
	for _, h := range f.run.Hosts {
		if len(h.Sources) > 0 && h.Sources[0].Kind != evidence.FromGuess {
			add(h.Name)
		}
	}
	return names
}

// nxdomain reports whether all answers say that the name does not exist, and
// there is one at least.
func nxdomain(lookups []evidence.Lookup) (lines []fact, missing bool) {
	for _, l := range lookups {
		switch l.Rcode {
		case "":
			continue
		case "NXDOMAIN":
			lines = append(lines, fact{text: lookupLine(l)})
		default:
			return nil, false
		}
	}
	return lines, len(lines) > 0
}

func resolvers(lookups []evidence.Lookup) int {
	servers := map[string]bool{}
	for _, l := range lookups {
		if l.Rcode != "" {
			servers[l.Resolver] = true
		}
	}
	return len(servers)
}

func publisher(s evidence.Source) string {
	kind := strings.ToUpper(string(s.Kind))
	if s.Record != "" {
		return "the " + kind + " record of " + s.Record
	}
	return "an " + kind + " record of the domain"
}

// noMailRecords (DN08): the domain exists, and neither MX nor address nor SRV
// records say where its mail is.
func noMailRecords(f *facts) []sighting {
	t := f.run.Target
	if t.Kind != evidence.TargetAddress && t.Kind != evidence.TargetDomain {
		return nil
	}
	s := sighting{
		host: t.Domain, step: evidence.StepName, confidence: 0.95,
		args: fault.Args{"domain": t.Domain, "host": t.Domain},
	}
	answered := map[string]bool{}
	for _, l := range f.lookups(t.Domain, "MX", "A", "AAAA") {
		if l.Rcode != "NOERROR" {
			continue
		}
		if hasData(l) {
			return nil
		}
		answered[l.Type] = true
		s.add("%s", lookupLine(l))
	}
	if !answered["MX"] || !answered["A"] || publishesServices(f) {
		return nil
	}
	if f.offersAnything() { // at a guessed name: reading works, receiving does not
		s.severity = fault.SeverityWarning
	}
	return []sighting{s}
}

// hasData reports whether the answer holds a record of the type asked for.
func hasData(l evidence.Lookup) bool {
	return slices.ContainsFunc(l.Records, func(r evidence.Record) bool { return r.Type == l.Type })
}

// publishesServices reports whether some SRV record of the domain names a host
// (RFC 6186 §3.4: the target "." says that there is none).
func publishesServices(f *facts) bool {
	for _, l := range f.run.DNS {
		if l.Type != "SRV" || l.Rcode != "NOERROR" {
			continue
		}
		if slices.ContainsFunc(l.Records, func(r evidence.Record) bool {
			return r.Type == "SRV" && r.Target != "" && r.Target != "."
		}) {
			return true
		}
	}
	return false
}

func lookupLine(l evidence.Lookup) string {
	answer := l.Rcode
	switch {
	case l.Failure != nil:
		answer = failureWords(l.Failure)
	case l.Rcode == "NOERROR" && !hasData(l):
		answer = "exists, but without such a record"
	}
	format := "%s %s: %s, says %s"
	if l.Failure != nil {
		format = "%s %s: %s (asked %s)"
	}
	return fmt.Sprintf(format, l.Name, l.Type, answer, resolverWords(l))
}

func resolverWords(l evidence.Lookup) string {
	if l.Resolver == "" || l.Resolver == "system" {
		return "the system's resolver"
	}
	return l.Resolver
}
