package discover

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	"postern/internal/dns"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/failure"
)

// asker puts questions to one resolver, each once, and keeps what came of them.
type asker struct {
	resolver dns.Resolver
	role     evidence.Resolver

	answers map[question]dns.Answer
	lookups []evidence.Lookup
}

type question struct {
	name string
	typ  dns.Type
}

// ask puts all questions at once and waits for the answers.
func (a *asker) ask(ctx context.Context, questions ...question) {
	if a.answers == nil {
		a.answers = make(map[question]dns.Answer)
	}
	var open []question
	for _, q := range questions {
		if _, ok := a.answers[q]; !ok {
			a.answers[q] = dns.Answer{}
			open = append(open, q)
		}
	}
	answers := make([]dns.Answer, len(open))
	lookups := make([]evidence.Lookup, len(open))
	var all sync.WaitGroup
	for i, q := range open {
		all.Go(func() {
			answer, err := a.resolver.Lookup(ctx, q.name, q.typ)
			answers[i] = answer
			lookups[i] = a.lookup(q, answer, err)
		})
	}
	all.Wait()
	for i, q := range open {
		a.answers[q] = answers[i]
	}
	a.lookups = append(a.lookups, lookups...)
}

// addresses asks for the addresses of names.
func (a *asker) addresses(names ...string) []question {
	var questions []question
	for _, name := range names {
		questions = append(questions, question{name, dns.TypeA}, question{name, dns.TypeAAAA})
	}
	return questions
}

// addrs returns the addresses that a name was found to have, IPv4 first.
func (a *asker) addrs(name string) []netip.Addr {
	if addr, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{addr}
	}
	addrs := a.answers[question{name, dns.TypeA}].Addrs()
	return append(addrs, a.answers[question{name, dns.TypeAAAA}].Addrs()...)
}

// lookup is the record of one question.
func (a *asker) lookup(q question, answer dns.Answer, err error) evidence.Lookup {
	l := evidence.Lookup{
		Name:     q.name,
		Type:     q.typ.String(),
		Resolver: answer.Server,
		Role:     a.role,
		Took:     evidence.MillisOf(answer.Duration),
	}
	var lost *dns.Error
	if errors.As(err, &lost) {
		l.Resolver = lost.Server
	}
	if err != nil {
		l.Failure = failure.Of(err)
		return l
	}
	l.Rcode = answer.Rcode.String()
	l.Network = answer.Network
	l.Authenticated = answer.Authenticated
	l.Truncated = answer.Truncated
	for _, r := range answer.Records {
		l.Records = append(l.Records, record(r))
	}
	return l
}

func record(r dns.Record) evidence.Record {
	out := evidence.Record{
		Name:       r.Name,
		Type:       r.Type.String(),
		TTL:        int(r.TTL.Seconds()),
		Target:     r.Target,
		Preference: int(r.Preference),
		Weight:     int(r.Weight),
		Port:       int(r.Port),
		Text:       r.Text,
	}
	if r.Addr.IsValid() {
		out.Address = r.Addr.String()
	}
	return out
}
