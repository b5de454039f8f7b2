package demo

import (
	"fmt"
	"strings"

	"postern/internal/lab/dnsserver"
	"postern/internal/wire/ports"
)

// zone is what the demo's name server says of demo.test: where its server is,
// that it takes mail there, and on which ports people find what (RFC 6186,
// RFC 8314). The names that people guess lead there too.
func (d *demo) zone() dnsserver.Zone {
	var b strings.Builder
	record := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	record("$TTL 60")
	for _, a := range d.addresses {
		kind := "AAAA"
		if a.Is4() {
			kind = "A"
		}
		record("%s. IN %s %s", domain, kind, a)
		record("%s. IN %s %s", host, kind, a)
	}
	record("%s. IN MX 10 %s.", domain, host)
	record(`%s. IN TXT "v=spf1 mx -all"`, domain)
	for _, p := range ports.All() {
		if p.Service != "" {
			record("_%s._tcp.%s. IN SRV %d 1 %d %s.", p.Service, domain, p.Rank-1, d.Offset.Number(p), host)
		}
	}
	return dnsserver.Zone{Origin: domain, Records: b.String()}
}
