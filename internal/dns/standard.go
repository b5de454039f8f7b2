package dns

import (
	"context"
	"errors"
	"net"
	"time"
)

// standard asks through the operating system by Go's own resolver, for systems
// that keep their servers elsewhere than in resolv.conf. Such a system does not
// tell the rcode or the server: a name without an address of either family
// counts as NXDOMAIN, other silence as an empty answer.
type standard struct{ net.Resolver }

func (s *standard) Lookup(ctx context.Context, name string, typ Type) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	start := time.Now()
	answer := Answer{Name: Canonical(name), Type: typ, Server: "system"}
	records, err := s.records(ctx, answer.Name, typ)
	answer.Duration = time.Since(start)

	var failure *net.DNSError
	switch {
	case err == nil:
		answer.Records = records
	case errors.As(err, &failure) && failure.IsNotFound:
		answer.Rcode = s.absence(ctx, answer.Name)
	default:
		return answer, &Error{Name: answer.Name, Type: typ, Server: "system", Timeout: isTimeout(err), Err: err}
	}
	return answer, nil
}

// absence decides what "not found" means for a name.
func (s *standard) absence(ctx context.Context, name string) Rcode {
	if addrs, err := s.LookupNetIP(ctx, "ip", name); err == nil && len(addrs) > 0 {
		return NoError
	}
	return NXDomain
}

func (s *standard) records(ctx context.Context, name string, typ Type) ([]Record, error) {
	var out []Record
	add := func(r Record) {
		r.Name, r.Type = name, typ
		r.Target = Canonical(r.Target)
		out = append(out, r)
	}
	query := name + "." // fully qualified: no search domains
	switch typ {
	case TypeA, TypeAAAA:
		addrs, err := s.LookupNetIP(ctx, map[Type]string{TypeA: "ip4", TypeAAAA: "ip6"}[typ], query)
		for _, addr := range addrs {
			add(Record{Addr: addr.Unmap()})
		}
		return out, err
	case TypeMX:
		mxs, err := s.LookupMX(ctx, query)
		for _, mx := range mxs {
			add(Record{Target: mx.Host, Preference: mx.Pref})
		}
		return out, err
	case TypeSRV:
		_, srvs, err := s.LookupSRV(ctx, "", "", query)
		for _, srv := range srvs {
			add(Record{Target: srv.Target, Preference: srv.Priority, Weight: srv.Weight, Port: srv.Port})
		}
		return out, err
	case TypeTXT:
		texts, err := s.LookupTXT(ctx, query)
		for _, text := range texts {
			add(Record{Text: text})
		}
		return out, err
	case TypeCNAME:
		target, err := s.LookupCNAME(ctx, query)
		if err == nil && Canonical(target) != name {
			add(Record{Target: target})
		}
		return out, err
	}
	return nil, errors.New("the system's resolver has no question for this type")
}
