package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"postern/internal/lab/debian"
	"postern/internal/lab/dnsserver"
	"postern/internal/lab/netns"
	"postern/internal/lab/script"
	"postern/internal/pki"
	"postern/internal/wire/ports"
)

// world is the surroundings of a scenario before it is started: a small mail
// provider where all is well, drawn anew for each run. A scenario changes in it
// what its fault changes.
type world struct {
	*Rand
	now time.Time

	domain string
	host   string     // the one server of the domain
	v4     netip.Addr // its addresses
	v6     netip.Addr // only where there is a network; else not valid

	target        func() string // what the user types, asked when the ports are known
	user          string        // the user's address and login
	password      string        // of the account
	typedPassword string        // by the user

	root *pki.CA // the only authority that the user trusts
	leaf pki.Leaf
	// issue makes the server's certificate, normally with root.
	issue func(pki.Leaf) (tls.Certificate, error)
	tls   tls.Config // of the server, the certificate apart

	services []*service
	victims  []*service // those that the fault will strike, where both twins must know

	daemons *debian.Options                               // real servers instead of scripts, if not nil
	after   func(context.Context, *world) (func(), error) // done when they run; may be nil

	records map[string][]string // type to data, of domain and host; see zone
	extra   []string            // further records
	network *netns.Network      // nil on loopback
	err     error               // what went wrong in a change
}

// service is one port of the server.
type service struct {
	ports.Port
	script *script.Script
	down   bool // published, but nothing listens there
	naked  bool // begins in plain text, although TLS is expected
	addr   netip.AddrPort
}

const day = 24 * time.Hour

// newWorld draws a provider that offers all six ports of a mail program.
func newWorld(r *Rand) (*world, error) {
	now := time.Now()
	w := &world{
		Rand: r, now: now,
		domain:  r.Domain(),
		v4:      r.Loopback(),
		records: make(map[string][]string),
	}
	w.host = Pick(r, "mail", "mx", "post", "mail2", "correo", "srv"+fmt.Sprint(r.rand.IntN(90))) + "." + w.domain
	w.user = r.LocalPart() + "@" + w.domain
	w.password = r.Password()
	w.typedPassword = w.password
	w.target = func() string { return w.user }
	var err error
	w.root, err = pki.NewCA(Pick(r, "Lab Root", "Example Trust", "Blue Ribbon CA")+fmt.Sprintf(" R%d", 1+r.rand.IntN(9)),
		now.AddDate(-6, 0, 0), now.AddDate(6, 0, 0))
	if err != nil {
		return nil, err
	}
	w.issue = w.root.Issue
	w.leaf = pki.Leaf{
		Names:     []string{w.host},
		NotBefore: now.Add(-r.Between(2*day, 40*day)),
		NotAfter:  now.Add(r.Between(45*day, 90*day)),
		Key:       Pick(r, pki.ECDSAP256, pki.RSA2048),
	}
	for _, p := range ports.All() {
		if p.Service != "" {
			w.services = append(w.services, &service{Port: p, script: w.dialogue(p)})
		}
	}
	w.publish()
	return w, nil
}

// dialogue draws how a healthy server speaks on a port.
func (w *world) dialogue(p ports.Port) *script.Script {
	var s *script.Script
	switch p.Protocol {
	case ports.IMAP:
		s = script.IMAP()
	case ports.POP3:
		s = script.POP3()
	default:
		s = script.SMTP()
	}
	words := texts[p.Protocol]
	return s.With(fmt.Sprintf("let banner = %s\nlet rejected = %s\nlet pause = %s",
		Pick(w.Rand, words.banners...), Pick(w.Rand, words.rejections...), w.Between(0, 30*time.Millisecond)))
}

// of returns the services of one protocol.
func (w *world) of(p ports.Protocol) []*service {
	var found []*service
	for _, s := range w.services {
		if s.Protocol == p {
			found = append(found, s)
		}
	}
	return found
}

// anyProtocol draws the protocol that a fault strikes and returns its services.
func (w *world) anyProtocol() []*service {
	return w.of(Pick(w.Rand, ports.IMAP, ports.POP3, ports.SMTP))
}

// drop takes the services of one kind of security of a protocol out of the world.
func (w *world) drop(p ports.Protocol, security ports.Security) {
	var kept []*service
	for _, s := range w.services {
		if s.Protocol != p || s.Security != security {
			kept = append(kept, s)
		}
	}
	w.services = kept
}

// publish sets the records that a healthy domain has; SRV records are made from
// the services when they have their ports.
func (w *world) publish() {
	w.records["MX"] = []string{fmt.Sprintf("%s. IN MX 10 %s.", w.domain, w.host)}
	w.records["A"] = []string{fmt.Sprintf("%s. IN A %s", w.host, w.v4)}
	if w.v6.IsValid() {
		w.records["AAAA"] = []string{fmt.Sprintf("%s. IN AAAA %s", w.host, w.v6)}
	}
	w.records["TXT"] = []string{fmt.Sprintf(`%s. IN TXT "v=spf1 mx -all"`, w.domain)}
	w.records["PTR"] = []string{fmt.Sprintf("%s IN PTR %s.", reverse(w.v4), w.host)}
}

// zone is what the scenario's resolver knows. "SRV" is among the types unless
// the scenario has taken it out by an empty entry.
func (w *world) zone() dnsserver.Zone {
	if _, set := w.records["SRV"]; !set {
		for _, s := range w.services {
			w.records["SRV"] = append(w.records["SRV"],
				fmt.Sprintf("_%s._tcp.%s. IN SRV 0 1 %d %s.", s.Service, w.domain, s.addr.Port(), w.host))
		}
	}
	lines := []string{"$TTL 300"}
	for _, kind := range []string{"MX", "A", "AAAA", "TXT", "PTR", "SRV"} {
		lines = append(lines, w.records[kind]...)
	}
	return dnsserver.Zone{Records: strings.Join(append(lines, w.extra...), "\n")}
}

// hide takes all records of the given types out of the zone.
func (w *world) hide(types ...string) {
	for _, t := range types {
		w.records[t] = []string{}
	}
}

// router runs a command in the router between client and server.
func (w *world) router(command ...string) {
	if w.err == nil {
		w.err = w.network.Router(command...)
	}
}

// reverse is the name under which an IPv4 address has its PTR record (RFC 1035 §3.5).
func reverse(a netip.Addr) string {
	b := a.As4()
	return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa.", b[3], b[2], b[1], b[0])
}
