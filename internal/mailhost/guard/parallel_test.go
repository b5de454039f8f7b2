package guard

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/mailhost/config"
)

// crowd begins so many logins at once, each of which takes a moment, and
// returns how many were let in.
func crowd(g *Guard, n int, from func(i int) netip.Addr, end func(netip.Addr)) (letIn int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		all.Go(func() {
			leave, err := g.BeforeLogin(context.Background(), from(i), alice)
			if err != nil {
				return
			}
			defer leave()
			time.Sleep(50 * time.Millisecond) // the password is looked at
			end(from(i))
			mu.Lock()
			defer mu.Unlock()
			letIn++
		})
	}
	all.Wait()
	return letIn
}

// TestLimitsHoldInParallel: of 48 logins at once from one address all 48
// passwords were once looked at, because no failure counted until the first had
// been found wrong. No limit is passed by trying at the same time.
func TestLimitsHoldInParallel(t *testing.T) {
	nextDoor := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}) }
	anywhere := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, byte(i), 113, 1}) }
	for name, c := range map[string]struct {
		from func(int) netip.Addr
		want int
	}{
		"address": {func(int) netip.Addr { return home }, 10},
		"network": {nextDoor, 15},
		"account": {anywhere, 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGuard(func(c *config.Config) { c.Guard.Address, c.Guard.Network, c.Guard.Account = 10, 15, 20 })
				if got := crowd(g, 48, c.from, func(a netip.Addr) { g.Failed(a, alice) }); got != c.want {
					t.Errorf("%d passwords were looked at, want %d", got, c.want)
				}
				for k := range kinds {
					if len(g.underWay[k]) != 0 {
						t.Errorf("still under way: %v", g.underWay[k])
					}
				}
			})
		})
	}
}

// TestRightPasswordsInParallel: an office whose mail programs all begin at nine
// waits for one another and is let in.
func TestRightPasswordsInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		began := time.Now()
		got := crowd(g, 100, func(int) netip.Addr { return home }, func(a netip.Addr) { g.Succeeded(a, alice) })
		if took := time.Since(began); got != 100 || took > time.Second {
			t.Errorf("%d of 100 got in, after %v", got, took)
		}
	})
}

// TestDelayedIsJudgedAgain: whoever waited out a delay is refused when the limit
// was reached meanwhile.
func TestDelayedIsJudgedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		for range 9 {
			g.Failed(home, alice)
		}
		time.AfterFunc(time.Second, func() { g.Failed(home, alice) })
		if took, id := attempt(t, g, home, alice); took != maxDelay || id != "AU14" {
			t.Errorf("after %v: %q, want AU14", took, id)
		}
	})
}

// TestOneAtATimeAfterRefusal: when a refusal ends long before its failures are
// forgotten, logins go on, one by one.
func TestOneAtATimeAfterRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(func(c *config.Config) { c.Guard.RefuseFor = time.Second })
		for range 10 {
			g.Failed(home, alice)
		}
		time.Sleep(2 * time.Second)
		if got := crowd(g, 5, func(int) netip.Addr { return home }, func(a netip.Addr) { g.Failed(a, alice) }); got != 1 {
			t.Errorf("%d of 5 were let in, want 1 and then a refusal", got)
		}
	})
}
