package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	mdns "github.com/miekg/dns"
)

// Servers is a Resolver that puts each question to its servers in their order
// until one answers. A server that fails (SERVFAIL, REFUSED and the like) makes
// way for the next one; when all fail, the first such answer is the answer.
type Servers []netip.AddrPort

// ParseServer reads ADDR or ADDR:PORT, as the --resolver flag takes them; an
// IPv6 address with a port stands in brackets. The port defaults to 53.
func ParseServer(s string) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return netip.AddrPortFrom(addr, 53), nil
	}
	server, err := netip.ParseAddrPort(s)
	if err != nil || server.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("resolver %q is no IP address with an optional port, such as 192.0.2.53 or [2001:db8::53]:53", s)
	}
	return server, nil
}

// Lookup asks the servers about one name and type. Each server has an equal
// share of Timeout, so that a dead first one leaves time for the next.
func (s Servers) Lookup(ctx context.Context, name string, typ Type) (Answer, error) {
	name = Canonical(name)
	if _, ok := mdns.IsDomainName(name); !ok || name == "" {
		return Answer{}, &Error{Name: name, Type: typ, Err: errors.New("not a domain name")}
	}
	if len(s) == 0 {
		return Answer{}, &Error{Name: name, Type: typ, Err: errors.New("no resolver is configured")}
	}
	start := time.Now()
	var failed *Answer
	var lost error
	for _, server := range s {
		answer, err := ask(ctx, server, Timeout/time.Duration(len(s)), name, typ)
		answer.Duration = time.Since(start)
		switch {
		case err != nil:
			lost = err
		case answer.Rcode == NoError || answer.Rcode == NXDomain:
			return answer, nil
		case failed == nil:
			failed = &answer
		}
		if ctx.Err() != nil {
			break
		}
	}
	if failed != nil {
		return *failed, nil
	}
	return Answer{Name: name, Type: typ, Duration: time.Since(start)}, lost
}

// ask puts the question to one server, over UDP and then, if the answer did not
// fit, over TCP. It does without EDNS, which old home routers choke on: what
// mail needs fits into 512 octets or is worth a TCP connection.
func ask(ctx context.Context, server netip.AddrPort, limit time.Duration, name string, typ Type) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	query := new(mdns.Msg).SetQuestion(mdns.Fqdn(name), uint16(typ))
	query.AuthenticatedData = true // asks to be told of validation (RFC 6840 §5.7)

	network := "udp"
	reply, err := exchange(ctx, network, server, query)
	if err == nil && reply.Truncated {
		network = "tcp"
		reply, err = exchange(ctx, network, server, query)
	}
	if err != nil {
		return Answer{}, &Error{Name: name, Type: typ, Server: server.String(), Timeout: isTimeout(err), Err: err}
	}
	return Answer{
		Name:          name,
		Type:          typ,
		Rcode:         Rcode(reply.Rcode),
		Records:       records(reply.Answer),
		Server:        server.String(),
		Network:       network,
		Authenticated: reply.AuthenticatedData,
		Truncated:     reply.Truncated,
	}, nil
}

// exchange sends the query and, over UDP, once more when half of the time is
// gone: a lost datagram is no dead server.
func exchange(ctx context.Context, network string, server netip.AddrPort, query *mdns.Msg) (*mdns.Msg, error) {
	client := mdns.Client{Net: network}
	conn, err := client.DialContext(ctx, server.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	client.Timeout = time.Until(deadline)
	if network == "udp" {
		again := time.AfterFunc(client.Timeout/2, func() { _ = conn.WriteMsg(query) })
		defer again.Stop()
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	reply, _, err := client.ExchangeWithConnContext(ctx, query, conn)
	return reply, err
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

func records(rrs []mdns.RR) []Record {
	var out []Record
	for _, rr := range rrs {
		head := rr.Header()
		r := Record{
			Name: Canonical(head.Name),
			Type: Type(head.Rrtype),
			TTL:  time.Duration(head.Ttl) * time.Second,
		}
		switch rr := rr.(type) {
		case *mdns.A:
			r.Addr, _ = netip.AddrFromSlice(rr.A.To4())
		case *mdns.AAAA:
			r.Addr, _ = netip.AddrFromSlice(rr.AAAA.To16())
		case *mdns.CNAME:
			r.Target = Canonical(rr.Target)
		case *mdns.PTR:
			r.Target = Canonical(rr.Ptr)
		case *mdns.MX:
			r.Target, r.Preference = Canonical(rr.Mx), rr.Preference
		case *mdns.SRV:
			r.Target, r.Preference = Canonical(rr.Target), rr.Priority
			r.Weight, r.Port = rr.Weight, rr.Port
		case *mdns.TXT:
			r.Text = strings.Join(rr.Txt, "")
		default:
			continue
		}
		out = append(out, r)
	}
	return out
}
