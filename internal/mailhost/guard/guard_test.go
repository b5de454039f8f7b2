package guard

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/fault"
	"postern/internal/mailhost/config"
)

func newGuard(change func(*config.Config)) *Guard {
	c := config.Default()
	if change != nil {
		change(&c)
	}
	return New(func() *config.Config { return &c })
}

var (
	home    = netip.MustParseAddr("192.0.2.7")
	near    = netip.MustParseAddr("192.0.2.200")
	away    = netip.MustParseAddr("198.51.100.9")
	sixA    = netip.MustParseAddr("2001:db8:1:2::a")
	sixB    = netip.MustParseAddr("2001:db8:1:2:ffff::b")
	sixAway = netip.MustParseAddr("2001:db8:1:3::a")
)

const alice, bob = "alice@example.com", "bob@example.com"

func TestConnectionLimits(t *testing.T) {
	g := newGuard(func(c *config.Config) {
		c.Limits.Connections, c.Limits.ConnectionsPerAddress = 4, 2
		c.Guard.Trusted = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	})
	var leaves []func()
	admit := func(a netip.Addr, want fault.ID) {
		t.Helper()
		leave, refusal := g.Admit(a)
		if (refusal == nil) != (want == "") || refusal != nil && refusal.Fault != want {
			t.Fatalf("%s: got %v, want %q", a, refusal, want)
		}
		if leave != nil {
			leaves = append(leaves, leave)
		}
	}
	admit(sixA, "")
	admit(sixB, "")
	admit(sixA, "MB10") // the same /64
	admit(away, "")
	admit(away, "")
	admit(sixAway, "GW03") // full
	leaves[0]()
	leaves[0]() // leaving twice counts once
	admit(sixB, "")
	admit(sixA, "GW03")
	leaves[1]()
	admit(away, "") // trusted: a third from one address
	if got := g.Connections(); got != 4 {
		t.Errorf("%d connections, want 4", got)
	}
}

// attempt fails a login and returns how long it was delayed, or the fault.
func attempt(t *testing.T, g *Guard, a netip.Addr, account string) (time.Duration, fault.ID) {
	t.Helper()
	began := time.Now()
	end, err := g.BeforeLogin(context.Background(), a, account)
	if err != nil {
		return time.Since(began), fault.Of(err)
	}
	defer end()
	g.Failed(a, account)
	return time.Since(began), ""
}

func TestFailuresSlowDownThenRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		want := []time.Duration{0, 0, 0, 1, 2, 4, 4, 4, 4, 4}
		for i, seconds := range want {
			if took, id := attempt(t, g, home, alice); took != seconds*time.Second || id != "" {
				t.Fatalf("attempt %d: %v, %q; want %d s", i+1, took, id, seconds)
			}
		}
		if took, id := attempt(t, g, home, bob); took != 0 || id != "AU14" {
			t.Fatalf("after ten failures: %v, %q", took, id)
		}
		if _, id := attempt(t, g, near, bob); id != "" {
			t.Errorf("a neighbour is refused: %s", id)
		}
		time.Sleep(15*time.Minute + time.Second)
		if took, id := attempt(t, g, home, alice); took == 0 || id != "" {
			t.Errorf("after the refusal: %v, %q; want only a delay", took, id)
		}
	})
}

// TestOldPasswordOnAPhone: one failure every ten minutes never locks anybody
// out.
func TestOldPasswordOnAPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		for i := range 500 {
			if took, id := attempt(t, g, home, alice); took != 0 || id != "" {
				t.Fatalf("attempt %d: %v, %q", i, took, id)
			}
			time.Sleep(10 * time.Minute)
		}
	})
}

func TestNetworkIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		for i := range 50 {
			a := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
			if _, id := attempt(t, g, a, fmt.Sprintf("user%d@example.com", i)); id != "" {
				t.Fatalf("attempt %d refused: %s", i, id)
			}
		}
		if _, id := attempt(t, g, near, bob); id != "AU14" {
			t.Errorf("the network goes on: %q", id)
		}
		if _, id := attempt(t, g, away, bob); id != "" {
			t.Errorf("another network is refused: %s", id)
		}
	})
}

// TestAccountIsRefusedToStrangersOnly: guessing at an account from everywhere
// stops, and its owner still gets in from where he was before.
func TestAccountIsRefusedToStrangersOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		g.Succeeded(home, "Alice@Example.com")
		for i := range 20 {
			a := netip.AddrFrom4([4]byte{203, byte(i), 113, 1})
			if _, id := attempt(t, g, a, alice); id != "" {
				t.Fatalf("attempt %d refused: %s", i, id)
			}
		}
		if _, id := attempt(t, g, away, "ALICE@example.com"); id != "AU14" {
			t.Errorf("a stranger goes on: %q", id)
		}
		end, err := g.BeforeLogin(context.Background(), home, alice)
		if err != nil {
			t.Fatalf("the owner is locked out: %v", err)
		}
		end()
	})
}

func TestDelayEndsWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		for range 6 {
			g.Failed(home, alice)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.BeforeLogin(ctx, home, alice); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	})
}

// TestMemoryIsBounded: an attack from everywhere on everybody fills no more than
// the tables, and who is refused stays refused.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		for range 10 {
			g.Failed(home, alice)
		}
		for i := range 2 * maxBuckets {
			a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
			g.Failed(a, fmt.Sprintf("user%d@example.com", i))
			g.Succeeded(a, fmt.Sprintf("user%d@example.com", i))
		}
		for k := range g.failures {
			if n := len(g.failures[k]); n > maxBuckets {
				t.Errorf("table %d has %d entries", k, n)
			}
		}
		if len(g.known) > maxKnown {
			t.Errorf("%d known places", len(g.known))
		}
		if _, id := attempt(t, g, home, alice); id != "AU14" {
			t.Errorf("the flood washed a refusal away: %q", id)
		}
	})
}

func TestBans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(nil)
		mustParse := func(s string) netip.Prefix {
			p, err := ParseNetwork(s)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		g.SetBans([]Ban{{Network: mustParse("2001:db8:1::/48"), Scope: Connections, Since: time.Now()}})
		g.AddBan(Ban{Network: mustParse("192.0.2.0/24"), Scope: Connections, Since: time.Now(), Until: time.Now().Add(time.Hour)})
		for range 10 {
			g.Failed(away, alice)
		}
		for a, want := range map[netip.Addr]bool{home: true, near: true, sixA: true, away: false} {
			if _, refusal := g.Admit(a); (refusal != nil) != want || refusal != nil && refusal.Fault != "RT09" {
				t.Errorf("%s: %v", a, refusal)
			}
		}
		var subjects []string
		for _, b := range g.Bans() {
			subjects = append(subjects, string(b.Scope)+" "+b.Subject())
		}
		if got := fmt.Sprint(subjects); got != "[connections 192.0.2.0/24 connections 2001:db8:1::/48 logins 198.51.100.9]" {
			t.Errorf("listed %s", got)
		}

		time.Sleep(time.Minute)
		if err := g.RemoveBan("198.51.100.9"); err != nil {
			t.Error(err)
		}
		if took, id := attempt(t, g, away, alice); took != 0 || id != "" {
			t.Errorf("after the removal: %v, %q", took, id)
		}
		if err := g.RemoveBan("192.0.2.1"); err == nil {
			t.Error("removed a ban that is not there")
		}
		time.Sleep(time.Hour)
		if _, refusal := g.Admit(home); refusal != nil {
			t.Errorf("the ban outlives its time: %v", refusal)
		}
	})
}

func TestParseNetwork(t *testing.T) {
	for s, want := range map[string]string{
		"192.0.2.1":        "192.0.2.1/32",
		"192.0.2.77/24":    "192.0.2.0/24",
		"2001:db8::1":      "2001:db8::1/128",
		"::ffff:192.0.2.1": "192.0.2.1/32",
	} {
		if got, err := ParseNetwork(s); err != nil || got.String() != want {
			t.Errorf("ParseNetwork(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "alice@example.com", "192.0.2.0/33", "fe80::1%eth0", "::ffff:192.0.2.0/120"} {
		if got, err := ParseNetwork(s); err == nil {
			t.Errorf("ParseNetwork(%q) = %v", s, got)
		}
	}
}
