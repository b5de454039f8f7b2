// Package guard decides who may talk to the server and who may try a password:
// limits on connections in all and per address, bans, and what follows failed
// logins per address, network and account: first slower, then refused for a
// while.
//
// A ban is made by the server's owner and turns connections away. What follows
// failed logins turns logins away and nothing else: mail from other servers
// behind the same address goes on coming in. Counts leak away with time, are
// bounded in memory and are lost at a restart.
//
// It never sees a password and never closes a connection itself.
//
// RFC 4954 §9 and RFC 3501 §11.2 ask servers to slow guessing down.
package guard

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"postern/internal/fault"
	"postern/internal/mailhost/config"
)

// Guard counts connections and failed logins. Its methods may be called from
// many goroutines.
type Guard struct {
	current func() *config.Config

	mu        sync.Mutex
	total     int
	connected map[netip.Prefix]int
	bans      map[netip.Prefix]Ban
	failures  [kinds]table
	known     map[pair]time.Time
	underWay  [kinds]map[string]int // logins let in that have not ended
	ended     chan struct{}         // closed and made anew when one of them ends
}

// New makes a guard without bans. It asks for the configuration each time, so
// that a reload counts at once.
func New(current func() *config.Config) *Guard {
	g := &Guard{
		current:   current,
		connected: make(map[netip.Prefix]int),
		bans:      make(map[netip.Prefix]Ban),
		known:     make(map[pair]time.Time),
		ended:     make(chan struct{}),
	}
	for k := range kinds {
		g.failures[k], g.underWay[k] = make(table), make(map[string]int)
	}
	return g
}

// Admit lets a connection in, and leave is called when it ends; or it says why
// not: banned (RT09), the server full (GW03), too many from there (MB10).
func (g *Guard) Admit(a netip.Addr) (leave func(), refusal *fault.Error) {
	c := g.current()
	home := household(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	if ban, ok := g.banned(a, time.Now()); ok {
		return nil, ban.refusal(a)
	}
	switch {
	case g.total >= c.Limits.Connections:
		return nil, &fault.Error{
			Fault: "GW03", Op: "connect", Object: a.String(), Temporary: true,
			Client: "the server has too many connections; try again in a minute",
		}
	case g.connected[home] >= c.Limits.ConnectionsPerAddress && !trusted(c, a):
		return nil, &fault.Error{
			Fault: "MB10", Op: "connect", Object: a.String(), Temporary: true,
			Client: fmt.Sprintf("too many connections from your address (%d); close some mail programs, or lower their number of connections", g.connected[home]),
		}
	}
	g.total++
	g.connected[home]++
	return sync.OnceFunc(func() { g.release(home) }), nil
}

func (g *Guard) release(home netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.connected[home]--; g.connected[home] == 0 {
		delete(g.connected, home)
	}
}

// Connections is how many are open.
func (g *Guard) Connections() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total
}

// household is what connections are counted by: the address itself, or the /64
// that one IPv6 client draws its addresses from.
func household(a netip.Addr) netip.Prefix {
	if a.Is6() {
		return prefix(a, 64)
	}
	return prefix(a, 32)
}

// network is the neighbourhood whose failures are added up.
func network(a netip.Addr) netip.Prefix {
	if a.Is6() {
		return prefix(a, 64)
	}
	return prefix(a, 24)
}

func prefix(a netip.Addr, bits int) netip.Prefix {
	p, _ := a.Prefix(min(bits, a.BitLen()))
	return p
}

func trusted(c *config.Config, a netip.Addr) bool {
	for _, p := range c.Guard.Trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
