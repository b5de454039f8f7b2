// Package discover finds where to look: it reads what a person typed, asks the
// DNS, and draws up the list of hosts, addresses and ports that a run connects
// to, with the source of each.
//
// The sources are, in falling order of trust: the target itself, the SRV
// records of its domain (RFC 6186, RFC 8314), its MX records (RFC 5321 §5.1),
// and the usual names. A lower source is used for a protocol only where the
// higher ones say nothing about it. The package opens no connection to a mail
// server and judges nothing.
package discover

import (
	"context"

	"postern/internal/dns"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// Options of a search.
type Options struct {
	Resolver dns.Resolver
	Role     evidence.Resolver // which resolver that is
	Only     []ports.Protocol  // protocols the user wants; empty: all
	Offset   ports.Offset      // moves the standard ports, not the published ones
}

// Plan is where to look.
type Plan struct {
	// Target is the target as the DNS shows it: a name that turned out to be a
	// mail domain and no host is a domain.
	Target  evidence.Target
	Lookups []evidence.Lookup
	Hosts   []evidence.Host
	// Endpoints have their place and what is expected there, nothing more.
	// Protocol and Security are empty at a port that tells neither.
	Endpoints []evidence.Endpoint
}

// Find draws up the plan for a target. It never fails: a resolver that does not
// answer leaves its failures in the Lookups.
func Find(ctx context.Context, target evidence.Target, opts Options) Plan {
	f := &finder{opts: opts, asker: asker{resolver: opts.Resolver, role: opts.Role}}
	f.find(ctx, &target)
	return Plan{
		Target:    target,
		Lookups:   f.lookups,
		Hosts:     f.hosts(),
		Endpoints: f.endpoints(target),
	}
}

// Addresses asks for the addresses of names that came up during the run, such as
// those on a certificate.
func Addresses(ctx context.Context, names []string, opts Options) []evidence.Lookup {
	a := asker{resolver: opts.Resolver, role: opts.Role}
	a.ask(ctx, a.addresses(names...)...)
	return a.lookups
}
