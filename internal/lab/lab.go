// Package lab holds servers, resolvers and networks that are broken on purpose.
//
// A [Scenario] is one fault as a person meets it, drawn anew for each run: the
// names, addresses, banners, reply texts, delays and dates come from a seeded
// [Rand]. Each broken scenario has a healthy twin, which is the same
// surroundings with the fault removed. The doctor's tests run its probes
// against both; `postern lab` lets a person meet the fault by hand.
//
// It never contacts anything outside the machine: servers listen on loopback
// or in network namespaces that a process was started in for this. It knows
// neither the mail host nor the doctor.
package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"postern/internal/fault"
	"postern/internal/lab/script"
)

// ErrNeedsNamespace is returned by [Scenario.Start] for a scenario that needs a
// network of its own, in a process that was not started in one; see package netns.
var ErrNeedsNamespace = errors.New("this scenario needs a network namespace of its own")

// ErrUnavailable is returned by [Scenario.Start] for a scenario with real
// servers, on a machine that can't run them; the error says why.
var ErrUnavailable = errors.New("can't run Debian's mail servers here")

// Scenario is one fault, or its healthy twin.
type Scenario struct {
	ID    string   // such as "rt01-imap-closed"; a healthy twin's ends in "-healthy"
	Fault fault.ID // the root cause that must be found; a healthy twin names the fault it lacks
	Title string   // one line, from the user's point of view

	// Healthy marks the twin: nothing of severity warning or above may be found.
	Healthy bool

	// Consequences are faults of severity warning or above that a careful
	// doctor may name beside the root cause, because they are there too.
	Consequences []fault.ID

	// Namespace tells that Start needs a process in a network namespace.
	Namespace bool

	// Debian tells that the servers are Debian's Dovecot and Postfix, which
	// need root and their packages.
	Debian bool

	changes []change // what makes the surroundings of this scenario
}

// Running is a scenario that has been started. Target and the other inputs are
// what the user would give to `postern check`.
type Running struct {
	Target       string // address, domain, host or host:port
	User         string // empty: no login
	Password     string
	PasswordFile string         // holds Password and a newline
	CAFile       string         // PEM; empty: the system's roots
	Resolver     netip.AddrPort // of the scenario's own DNS server

	// Counter counts what clients did to all servers of the scenario.
	Counter *script.Counter

	closers []func()
}

// Stop ends every server of the scenario and removes its files.
func (r *Running) Stop() {
	for _, closer := range slices.Backward(r.closers) {
		closer()
	}
	r.closers = nil
}

func (r *Running) onStop(closer func()) { r.closers = append(r.closers, closer) }

// Args returns the arguments of `postern check` that fit the scenario, the
// target last.
func (r *Running) Args() []string {
	var args []string
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	if r.Resolver.IsValid() {
		add("--resolver", r.Resolver.String())
	}
	add("--ca", r.CAFile)
	add("--user", r.User)
	add("--password-file", r.PasswordFile)
	return append(args, r.Target)
}

// All returns every scenario, each broken one followed by its healthy twin, in
// the order of the fault catalogue; those with real servers come last.
func All() []Scenario {
	var all []Scenario
	for _, layer := range [][]pair{dnsPairs, networkPairs, greetingPairs, tlsPairs, accountPairs, debianPairs} {
		for _, p := range layer {
			all = append(all, p.broken(), p.healthy())
		}
	}
	return all
}

// Find returns the scenario with the given id. A fault id finds the first
// broken scenario of that fault. Case does not matter.
func Find(id string) (Scenario, error) {
	for _, s := range All() {
		if strings.EqualFold(s.ID, id) || (!s.Healthy && strings.EqualFold(string(s.Fault), id)) {
			return s, nil
		}
	}
	return Scenario{}, fmt.Errorf("no scenario %q; `postern lab list` shows them all", id)
}

// change makes something different in the surroundings of a scenario.
type change func(*world)

// pair is how scenarios are written down: what both twins need, and the fault,
// which only the broken one gets.
type pair struct {
	id           string
	fault        fault.ID
	title        string
	consequences []fault.ID
	namespace    bool
	debian       bool
	both         change // may be nil
	breaks       change
}

func (p pair) broken() Scenario {
	return Scenario{
		ID: p.id, Fault: p.fault, Title: p.title,
		Consequences: p.consequences, Namespace: p.namespace, Debian: p.debian,
		changes: []change{p.both, p.breaks},
	}
}

func (p pair) healthy() Scenario {
	return Scenario{
		ID: p.id + "-healthy", Fault: p.fault, Title: p.title + " (healthy twin)",
		Healthy: true, Namespace: p.namespace, Debian: p.debian,
		changes: []change{p.both},
	}
}
