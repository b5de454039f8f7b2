// Package doctor finds out why a mail program can't reach a mail server: it
// finds where to look, looks, and keeps what it saw as evidence. What the
// evidence means is said by package diagnose, and shown by package report.
//
// It never changes anything on a server: it logs in, opens the mailbox and
// leaves. Its manners are those of package probe.
package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"

	"postern/internal/dns"
	"postern/internal/doctor/discover"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/probe"
	"postern/internal/secret"
	"postern/internal/version"
	"postern/internal/wire/ports"
)

// Options of a check.
type Options struct {
	Target   evidence.Target // of discover.ParseTarget
	User     string          // user name as typed; "" for the target's own
	Password secret.Secret   // empty: no login

	Only     []ports.Protocol // protocols to look at; empty: all
	Offset   ports.Offset     // moves the standard ports
	Resolver dns.Resolver
	Server   string         // the resolver's address where the user named one
	Roots    *x509.CertPool // nil: the system's

	// InsecureLogin sends the password also where it is not safe.
	InsecureLogin bool
	Limits        probe.Limits
	Dial          func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's TCP
}

// Check looks at the target and returns what was seen. When ctx ends first, the
// run says so and holds what was seen until then.
func Check(ctx context.Context, opts Options) *evidence.Run {
	start := time.Now()
	users := userNames(opts.Target, opts.User)
	run := &evidence.Run{
		Version: evidence.Version,
		Program: "postern " + version.Version(),
		Started: start.UTC(),
		Options: recorded(opts),
	}
	search := discover.Options{
		Resolver: opts.Resolver, Role: evidence.ResolverSystem,
		Only: opts.Only, Offset: opts.Offset,
	}
	if opts.Server != "" {
		search.Role = evidence.ResolverGiven
	}
	plan := discover.Find(ctx, opts.Target, search)
	run.Target, run.DNS, run.Hosts, run.Endpoints = plan.Target, plan.Lookups, plan.Hosts, plan.Endpoints
	if len(users) > 0 {
		run.Target.User = users[0].Name
	}

	look := probe.Options{Limits: opts.Limits, Roots: opts.Roots, Dial: opts.Dial}
	if !opts.Password.Empty() {
		look.Secrets = []secret.Secret{opts.Password}
	}
	probe.Look(ctx, run.Endpoints, look)
	again := underTheirNames(run)
	probe.Look(ctx, again, look)
	run.Endpoints = append(run.Endpoints, again...)
	run.DNS = append(run.DNS, discover.Addresses(ctx, unknownNames(run), search)...)
	probe.Login(ctx, run.Endpoints, probe.Credentials{
		Users: users, Password: opts.Password,
		Port: opts.Target.Port, Insecure: opts.InsecureLogin,
	}, look)

	run.Duration = evidence.Since(start)
	run.Interrupted = interrupted(ctx)
	run.Clean()
	return run
}

// interrupted says how the run was ended before its time; "" if it was not. A
// socket can see the deadline a moment before ctx does.
func interrupted(ctx context.Context) string {
	deadline, limited := ctx.Deadline()
	switch err := ctx.Err(); {
	case errors.Is(err, context.DeadlineExceeded), err == nil && limited && !time.Now().Before(deadline):
		return "timeout"
	case err != nil:
		return "cancelled"
	}
	return ""
}

// recorded keeps the inputs that decide what could be seen.
func recorded(opts Options) evidence.Options {
	roots := "system"
	if opts.Roots != nil {
		roots = "given"
	}
	return evidence.Options{
		Only:          opts.Only,
		Resolver:      opts.Server,
		Roots:         roots,
		PortOffset:    int(opts.Offset),
		Credentials:   !opts.Password.Empty(),
		InsecureLogin: opts.InsecureLogin,
		Limits: evidence.Limits{
			DNS:      evidence.MillisOf(dns.Timeout),
			Connect:  evidence.MillisOf(opts.Limits.Connect),
			Greeting: evidence.MillisOf(opts.Limits.Greeting),
			Reply:    evidence.MillisOf(opts.Limits.Reply),
		},
	}
}

// userNames are the forms of the user name to log in with: what was typed, else
// the address, and then the other form, with or without the domain.
func userNames(target evidence.Target, typed string) []probe.User {
	name, form := typed, evidence.UserAsTyped
	if name == "" {
		name = target.User
	}
	if name == target.Address {
		form = evidence.UserAddress
	}
	if name == "" {
		return nil
	}
	users := []probe.User{{Name: name, Form: form}}
	switch local, _, whole := strings.Cut(name, "@"); {
	case whole:
		return append(users, probe.User{Name: local, Form: evidence.UserLocalPart})
	case target.Kind == evidence.TargetAddress || target.Kind == evidence.TargetDomain:
		return append(users, probe.User{Name: name + "@" + target.Domain, Form: evidence.UserAddress})
	}
	return users
}
