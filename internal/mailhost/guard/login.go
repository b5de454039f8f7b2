package guard

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"postern/internal/mailhost/config"
)

// BeforeLogin is called before a password is looked at. It waits when there
// were failures from that address lately, and while so many logins are under
// way that all of them failing would pass a limit; then it lets the login in,
// and end is called when it is over, after Failed or Succeeded. Or it returns an
// error: AU14 when there were too many failures there, in its network or on the
// account, or the context's.
func (g *Guard) BeforeLogin(ctx context.Context, a netip.Addr, account string) (end func(), err error) {
	if trusted(g.current(), a) {
		return func() {}, nil
	}
	names := keys(a, account)
	for slowed := false; ; slowed = true {
		w, err := g.enter(a, account, names, slowed)
		if err != nil {
			return nil, err
		}
		if w == (wait{}) {
			return sync.OnceFunc(func() { g.leave(names) }), nil
		}
		if err := w.over(ctx); err != nil {
			return nil, err
		}
	}
}

// wait is what a login has to wait for: the first of the two that comes.
type wait struct {
	delay time.Duration
	ended <-chan struct{}
}

func (w wait) over(ctx context.Context) error {
	var delay <-chan time.Time
	if w.delay > 0 {
		delay = time.After(w.delay)
	}
	select {
	case <-delay:
	case <-w.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// enter lets a login in and returns no wait, or judges that it has to wait, or
// refuses it. After a wait it is called again: what the others did meanwhile
// counts.
func (g *Guard) enter(a netip.Addr, account string, names [kinds]string, slowed bool) (wait, error) {
	c, now := g.current(), time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	known := g.knows(account, a, now)
	for k, name := range names {
		b := g.failures[k][name]
		if b != nil && now.Before(b.refused) && !(kind(k) == byAccount && known) {
			return wait{}, refusal(kind(k), name, b.refused.Sub(now))
		}
	}
	if d := delay(g.level(byAddress, names[byAddress], now, c), c.Guard.SlowAfter); d > 0 && !slowed {
		return wait{delay: d}, nil
	}
	for k, name := range names {
		if !g.room(kind(k), name, now, c) && !(kind(k) == byAccount && known) {
			return wait{ended: g.ended}, nil
		}
	}
	for k, name := range names {
		g.underWay[k][name]++
	}
	return wait{}, nil
}

// room says whether one more login could fail, with all that are under way,
// before the limit refuses the next. One at a time always has room.
func (g *Guard) room(k kind, name string, now time.Time, c *config.Config) bool {
	n := g.underWay[k][name]
	return n == 0 || name == "" || g.level(k, name, now, c)+float64(n)+0.5 < float64(limit(k, &c.Guard))
}

// level is how many failures of that name are not forgotten.
func (g *Guard) level(k kind, name string, now time.Time, c *config.Config) float64 {
	if b := g.failures[k][name]; b != nil {
		return b.now(now, limit(k, &c.Guard), c.Guard.Window)
	}
	return 0
}

// leave ends what enter let in, and lets those who wait look again.
func (g *Guard) leave(names [kinds]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, name := range names {
		if g.underWay[k][name]--; g.underWay[k][name] == 0 {
			delete(g.underWay[k], name)
		}
	}
	close(g.ended)
	g.ended = make(chan struct{})
}
