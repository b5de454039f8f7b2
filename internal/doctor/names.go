package doctor

import (
	"slices"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// maxNames bounds the names on certificates that are looked up.
const maxNames = 8

// underTheirNames returns endpoints to look at once more. Where the MX host and
// usual names of a domain share an address, each port is looked at under the
// first of them; when the certificate shows that it goes by another one, that is
// the name to use.
func underTheirNames(run *evidence.Run) []evidence.Endpoint {
	var again []evidence.Endpoint
	for _, e := range run.Endpoints {
		if e.TLS == nil || len(e.TLS.Chain) == 0 || e.Role == ports.Relay || !unsaid(run, e.Host) || e.TLS.Chain[0].Covers(e.Host) {
			continue
		}
		for _, h := range run.Hosts {
			if unsaid(run, h.Name) && slices.Contains(h.Addresses, e.Address) && e.TLS.Chain[0].Covers(h.Name) {
				again = append(again, evidence.Endpoint{
					Host: h.Name, Address: e.Address, Port: e.Port,
					Protocol: e.Protocol, Security: e.Security, Role: e.Role,
				})
				break
			}
		}
	}
	return again
}

// unsaid reports whether nobody told mail programs to use the host: it was
// guessed, or receives the domain's mail from other servers.
func unsaid(run *evidence.Run, host string) bool {
	for _, h := range run.Hosts {
		if h.Name == host {
			return !slices.ContainsFunc(h.Sources, func(s evidence.Source) bool {
				return s.Kind != evidence.FromGuess && s.Kind != evidence.FromMX
			})
		}
	}
	return false
}

// unknownNames lists names on certificates that fit another host than the one
// that was asked for, and that have not been looked up: one of them may be the
// name to use.
func unknownNames(run *evidence.Run) []string {
	known := make(map[string]bool)
	for _, l := range run.DNS {
		known[l.Name] = known[l.Name] || l.Type == "A"
	}
	var names []string
	for _, e := range run.Endpoints {
		if e.TLS == nil || len(e.TLS.Chain) == 0 || e.TLS.Chain[0].Covers(e.Host) {
			continue
		}
		for _, name := range e.TLS.Chain[0].DNSNames {
			if name = strings.ToLower(name); !known[name] && !strings.HasPrefix(name, "*.") && len(names) < maxNames {
				known[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}
