//go:build unix

package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"
)

const resolvConf = "/etc/resolv.conf"

func system() (Resolver, error) {
	conf, err := mdns.ClientConfigFromFile(resolvConf)
	if err != nil {
		return nil, fmt.Errorf("read the system's resolvers from %s: %w; name one with --resolver", resolvConf, err)
	}
	var servers Servers
	for _, s := range conf.Servers {
		if addr, err := netip.ParseAddr(s); err == nil {
			servers = append(servers, netip.AddrPortFrom(addr, 53))
		}
	}
	if len(servers) == 0 {
		servers = Servers{netip.MustParseAddrPort("127.0.0.1:53")} // resolv.conf(5)
	}
	return hostsFirst{servers}, nil
}

// hostsFirst answers for addresses from the machine's hosts file where it names
// the host, as every program on the machine would be answered.
type hostsFirst struct{ next Resolver }

// errOffline keeps the standard resolver to the hosts file.
var errOffline = errors.New("hosts file only")

func (h hostsFirst) Lookup(ctx context.Context, name string, typ Type) (Answer, error) {
	family := map[Type]string{TypeA: "ip4", TypeAAAA: "ip6"}[typ]
	if family == "" {
		return h.next.Lookup(ctx, name, typ)
	}
	start := time.Now()
	files := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errOffline
	}}
	addrs, err := files.LookupNetIP(ctx, family, Canonical(name))
	if err != nil || len(addrs) == 0 {
		return h.next.Lookup(ctx, name, typ)
	}
	answer := Answer{Name: Canonical(name), Type: typ, Server: "hosts file", Duration: time.Since(start)}
	for _, addr := range addrs {
		answer.Records = append(answer.Records, Record{Name: answer.Name, Type: typ, Addr: addr.Unmap()})
	}
	return answer, nil
}
