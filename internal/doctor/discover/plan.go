package discover

import (
	"slices"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// within reports whether name is domain or a name below it.
func within(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// hosts lists the candidates with their addresses.
func (f *finder) hosts() []evidence.Host {
	var hosts []evidence.Host
	for _, c := range f.candidates {
		hosts = append(hosts, evidence.Host{Name: c.name, Sources: c.sources, Addresses: f.addressesOf(c)})
	}
	return hosts
}

func (f *finder) addressesOf(c *candidate) []string {
	var out []string
	for _, addr := range f.addrs(c.name) {
		if len(out) < maxAddresses && !slices.Contains(out, addr.String()) {
			out = append(out, addr.String())
		}
	}
	return out
}

// endpoints lists where to connect: what is published or was named by the user
// under each name, and the standard ports of each address once, under the most
// trusted name that has it.
func (f *finder) endpoints(target evidence.Target) []evidence.Endpoint {
	type spot struct {
		host, address string
		port          int
	}
	var out []evidence.Endpoint
	seen := make(map[spot]bool)
	add := func(c *candidate, address string, p place) {
		wanted := f.wanted(p.protocol) || p.port == target.Port
		if !wanted || seen[spot{c.name, address, p.port}] {
			return
		}
		seen[spot{c.name, address, p.port}] = true
		seen[spot{"", address, p.port}] = true
		out = append(out, evidence.Endpoint{
			Host: c.name, Address: address, Port: p.port,
			Protocol: p.protocol, Security: p.security, Role: p.role,
		})
	}
	f.each(func(c *candidate, address string) {
		for _, p := range c.published {
			add(c, address, p)
		}
	})
	f.each(func(c *candidate, address string) {
		for _, p := range f.standard(c) {
			if !seen[spot{"", address, p.port}] {
				add(c, address, p)
			}
		}
	})
	return out
}

func (f *finder) each(do func(c *candidate, address string)) {
	for _, c := range f.candidates {
		for _, address := range f.addressesOf(c) {
			do(c, address)
		}
	}
}

// wanted reports whether the user wants the protocol; one that is not known
// may be it.
func (f *finder) wanted(p ports.Protocol) bool {
	return len(f.opts.Only) == 0 || p == "" || slices.Contains(f.opts.Only, p)
}

// standard returns the standard ports at which a candidate is looked at: those of
// its protocols but for services that the domain publishes, which are where it
// says.
func (f *finder) standard(c *candidate) []place {
	var out []place
	for _, p := range ports.All() {
		switch {
		case p.Role == ports.Relay && !c.relay:
		case p.Role != ports.Relay && !slices.Contains(c.protocols, p.Protocol):
		case f.publishes(p):
		default:
			out = append(out, place{f.opts.Offset.Number(p), p.Protocol, p.Security, p.Role})
		}
	}
	return out
}
