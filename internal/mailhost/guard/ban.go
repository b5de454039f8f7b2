package guard

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"postern/internal/fault"
)

// Ban keeps somebody out: a network from connecting at all, when the server's
// owner made it; or an address, network or account from logging in, when failed
// logins did.
type Ban struct {
	Network netip.Prefix `json:"network,omitzero"` // who; not valid where it is an account
	Account string       `json:"account,omitempty"`
	Scope   Scope        `json:"scope"`
	Reason  string       `json:"reason"`
	Since   time.Time    `json:"since"`
	Until   time.Time    `json:"until,omitzero"` // zero: until it is removed
}

// Scope is what a ban keeps somebody from.
type Scope string

// The scopes.
const (
	Connections Scope = "connections"
	Logins      Scope = "logins"
)

// Subject is who is banned, as a person writes it.
func (b Ban) Subject() string {
	switch {
	case !b.Network.IsValid():
		return b.Account
	case b.Network.IsSingleIP():
		return b.Network.Addr().String()
	}
	return b.Network.String()
}

// ErrNoBan says that nobody of that name is banned.
var ErrNoBan = errors.New("no such ban")

// ParseNetwork reads an address or a network as people write them.
func ParseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%q is no address (such as 192.0.2.1) and no network (such as 192.0.2.0/24 or 2001:db8::/48)", s)
	}
	return p.Masked(), nil
}

// SetBans replaces all bans on connections, as they were kept.
func (g *Guard) SetBans(bans []Ban) {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.bans)
	for _, b := range bans {
		g.bans[b.Network] = b
	}
}

// AddBan bans a network from connecting. One that was banned gets the new
// reason and time.
func (g *Guard) AddBan(b Ban) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bans[b.Network] = b
}

// RemoveBan lifts whatever keeps the subject (an address, network or account)
// out, or returns ErrNoBan. It removes exactly what Bans lists under that name.
func (g *Guard) RemoveBan(subject string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	found, name := false, clean(subject)
	if p, err := ParseNetwork(subject); err == nil {
		_, found = g.bans[p]
		delete(g.bans, p)
		name = p.String()
	}
	now := time.Now()
	for k := range g.failures {
		if b := g.failures[k][name]; b != nil && now.Before(b.refused) {
			delete(g.failures[k], name)
			found = true
		}
	}
	if !found {
		return fmt.Errorf("%w: %s; see postern ban list", ErrNoBan, subject)
	}
	return nil
}

// Bans lists who is kept out now and from what, bans on connections first.
func (g *Guard) Bans() []Ban {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	var all []Ban
	for _, b := range g.bans {
		if b.holds(now) {
			all = append(all, b)
		}
	}
	for k := range kinds {
		for name, b := range g.failures[k] {
			if now.Before(b.refused) {
				all = append(all, loginBan(k, name, b))
			}
		}
	}
	slices.SortFunc(all, func(x, y Ban) int {
		return cmp.Or(cmp.Compare(x.Scope, y.Scope), x.Since.Compare(y.Since), strings.Compare(x.Subject(), y.Subject()))
	})
	return all
}

// loginBan shows a refusal of logins as a ban.
func loginBan(k kind, name string, b *bucket) Ban {
	ban := Ban{Scope: Logins, Reason: "too many failed logins", Since: b.since, Until: b.refused}
	if k == byAccount {
		ban.Account = name
	} else {
		ban.Network, _ = netip.ParsePrefix(name)
	}
	return ban
}

func (b Ban) holds(now time.Time) bool { return b.Until.IsZero() || now.Before(b.Until) }

// banned looks for the ban of an address, the widest network last.
func (g *Guard) banned(a netip.Addr, now time.Time) (Ban, bool) {
	if len(g.bans) == 0 {
		return Ban{}, false
	}
	for bits := a.BitLen(); bits >= 0; bits-- {
		p := prefix(a, bits)
		b, ok := g.bans[p]
		switch {
		case !ok:
		case b.holds(now):
			return b, true
		default:
			delete(g.bans, p)
		}
	}
	return Ban{}, false
}

// refusal tells a banned client so.
func (b Ban) refusal(a netip.Addr) *fault.Error {
	text := fmt.Sprintf("connections from %s are not accepted here", a)
	if !b.Until.IsZero() {
		text += " until " + b.Until.UTC().Format("2006-01-02 15:04 UTC")
	}
	return &fault.Error{
		Fault: "RT09", Op: "connect", Object: a.String(), Temporary: true,
		Client:   text + "; ask the server's administrator",
		Operator: "banned: " + b.Reason,
	}
}
