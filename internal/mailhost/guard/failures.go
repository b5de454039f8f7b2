package guard

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"postern/internal/fault"
	"postern/internal/mailhost/config"
)

// kind is what failed logins are counted by.
type kind int

const (
	byAddress kind = iota
	byNetwork
	byAccount
	kinds
)

// table holds the counts of one kind, by address, network or account name.
type table map[string]*bucket

// bucket leaks: of so many failures that bring a refusal, all are forgotten
// after the window, one by one. A device that tries an old password every ten
// minutes so never locks its household out.
type bucket struct {
	level   float64
	at      time.Time // when level was true
	refused time.Time // until then
	since   time.Time // of the refusal
}

// maxBuckets bounds each table: about 10 MB under the widest attack.
const maxBuckets = 50000

// maxKnown bounds the memory of who logged in from where.
const maxKnown = 50000

// pair is an account and a household that it has logged in from.
type pair struct {
	account string
	home    netip.Prefix
}

const (
	firstDelay = 1 * time.Second
	maxDelay   = 4 * time.Second
)

// limit is how many failures of a kind bring a refusal.
func limit(k kind, c *config.Guard) int {
	return [kinds]int{c.Address, c.Network, c.Account}[k]
}

// keys are the names under which a login is counted. An attempt without an
// account name counts for none.
func keys(a netip.Addr, account string) [kinds]string {
	return [kinds]string{prefix(a, 128).String(), network(a).String(), clean(account)}
}

// clean makes names comparable, and no longer than a name can be.
func clean(account string) string {
	account = strings.ToLower(account)
	return account[:min(len(account), 320)]
}

func refusal(k kind, name string, left time.Duration) *fault.Error {
	from := [kinds]string{"from your address", "from your network", "for this account"}[k]
	return &fault.Error{
		Fault: "AU14", Op: "log in", Object: name, Temporary: true,
		Client: fmt.Sprintf("too many failed logins %s; try again in %d minutes, and correct the password on every device", from, int(left.Minutes())+1),
	}
}

// delay doubles with every failure from slowAfter on.
func delay(level float64, slowAfter int) time.Duration {
	over := int(level+0.5) - slowAfter
	if over < 0 {
		return 0
	}
	return min(firstDelay<<min(over, 10), maxDelay)
}

// Failed counts a wrong name or password.
func (g *Guard) Failed(a netip.Addr, account string) {
	c := g.current()
	if trusted(c, a) {
		return
	}
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, name := range keys(a, account) {
		if name != "" {
			g.failures[k].add(name, now, limit(kind(k), &c.Guard), &c.Guard)
		}
	}
}

// Succeeded notes that an account logs in from there: it may go on doing so,
// whatever others try on that account.
func (g *Guard) Succeeded(a netip.Addr, account string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.known) >= maxKnown {
		for p := range g.known {
			delete(g.known, p)
			break
		}
	}
	g.known[pair{clean(account), household(a)}] = time.Now()
}

// knowsFor is how long a place that an account logged in from is remembered.
const knowsFor = 30 * 24 * time.Hour

func (g *Guard) knows(account string, a netip.Addr, now time.Time) bool {
	at, ok := g.known[pair{clean(account), household(a)}]
	return ok && now.Sub(at) < knowsFor
}

// now is the level after it has leaked.
func (b *bucket) now(now time.Time, limit int, window time.Duration) float64 {
	leaked := now.Sub(b.at).Seconds() * float64(limit) / window.Seconds()
	return max(b.level-leaked, 0)
}

func (t table) add(name string, now time.Time, limit int, c *config.Guard) {
	b := t[name]
	if b == nil {
		t.makeRoom(now, limit, c.Window)
		b = &bucket{at: now}
		t[name] = b
	}
	b.level, b.at = b.now(now, limit, c.Window)+1, now
	if b.level+0.5 >= float64(limit) && !now.Before(b.refused) {
		b.since, b.refused = now, now.Add(c.RefuseFor)
	}
}

// makeRoom forgets what has leaked away, and when that is not enough, whatever
// comes first and refuses nobody.
func (t table) makeRoom(now time.Time, limit int, window time.Duration) {
	if len(t) < maxBuckets {
		return
	}
	for name, b := range t {
		if now.After(b.refused) && b.now(now, limit, window) == 0 {
			delete(t, name)
		}
	}
	for name, b := range t {
		if len(t) < maxBuckets*9/10 {
			return
		}
		if now.After(b.refused) {
			delete(t, name)
		}
	}
	if len(t) >= maxBuckets {
		clear(t)
	}
}
