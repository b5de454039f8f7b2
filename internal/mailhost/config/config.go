// Package config reads the mail host's configuration, one TOML file, into an
// immutable value.
//
// It is strict: a key it does not know, a value it can't use and a combination
// that makes no sense are errors that name file, line and what was expected; all
// of them at once. It opens no port and reads no certificate.
package config

import (
	"net/netip"
	"slices"
	"time"

	"postern/internal/wire/ports"
)

// Config is one configuration. It is never changed after it was read.
type Config struct {
	File         string // where it was read from
	Hostname     string // as the server calls itself: greeting, Received, certificate
	Data         string // the data directory, absolute
	Postmaster   string // who gets mail for postmaster where there is no such account; "" is nobody
	Listen       []Listen
	Certificates []CertificateFiles // the first is for clients that name no host; none: the self-made authority
	Limits       Limits
	Guard        Guard
	Activity     Activity
	Log          Log
}

// Listen is one port to open, on one address or on all.
type Listen struct {
	Address  netip.Addr // the zero Addr means every address, IPv4 and IPv6
	Port     int        // 0 lets the system choose
	Protocol ports.Protocol
	Security ports.Security
	Role     ports.Role
}

// CertificateFiles is one certificate with its chain, and its key, both PEM.
type CertificateFiles struct{ Certificate, Key string }

// Limits bounds what clients can make the server do.
type Limits struct {
	Connections           int   // in all
	ConnectionsPerAddress int   // an IPv6 address counts as its /64
	MessageSize           int64 // bytes of one message
	Recipients            int   // of one message
}

// Guard says what follows failed logins.
type Guard struct {
	Window    time.Duration  // how long a failed login is remembered
	SlowAfter int            // failures of an address until its logins are delayed
	Address   int            // failures until an address is refused
	Network   int            // the same for its /24 or /64
	Account   int            // the same for an account, except from where it logged in before
	RefuseFor time.Duration  // how long
	Trusted   []netip.Prefix // never slowed down, refused, or limited per address
}

// Activity bounds what is kept of what clients tried.
type Activity struct {
	Keep    time.Duration
	MaxSize int64 // bytes of the file
}

// Log says what is logged and how.
type Log struct {
	Level  string // debug, info, warn or error
	Format string // text or json
}

// Default is what a file without the key means. Hostname has no default.
func Default() Config {
	return Config{
		Data:   "/var/lib/postern",
		Listen: StandardListen(0),
		Limits: Limits{
			Connections:           10000,
			ConnectionsPerAddress: 100,
			MessageSize:           50 << 20,
			Recipients:            100,
		},
		Guard: Guard{
			Window:    30 * time.Minute,
			SlowAfter: 3,
			Address:   10,
			Network:   50,
			Account:   20,
			RefuseFor: 15 * time.Minute,
		},
		Activity: Activity{Keep: 30 * 24 * time.Hour, MaxSize: 64 << 20},
		Log:      Log{Level: "info", Format: "text"},
	}
}

// StandardListen is every standard mail port under an offset, on the given
// addresses, or on all.
func StandardListen(offset ports.Offset, addresses ...netip.Addr) []Listen {
	if len(addresses) == 0 {
		addresses = []netip.Addr{{}}
	}
	var all []Listen
	for _, p := range ports.All() {
		for _, a := range addresses {
			all = append(all, Listen{a, offset.Number(p), p.Protocol, p.Security, p.Role})
		}
	}
	return all
}

// NeedsRestart names the keys in which next differs from c and which can't be
// changed while the server runs.
func (c *Config) NeedsRestart(next *Config) []string {
	var keys []string
	if c.Hostname != next.Hostname {
		keys = append(keys, "hostname")
	}
	if c.Postmaster != next.Postmaster {
		keys = append(keys, "postmaster")
	}
	if c.Data != next.Data {
		keys = append(keys, "data")
	}
	if !slices.Equal(c.Listen, next.Listen) {
		keys = append(keys, "listen")
	}
	if c.Log.Format != next.Log.Format {
		keys = append(keys, "log.format")
	}
	return keys
}

// Running is next with everything that needs a restart as it is in c: what a
// server that runs with c can make of it.
func (c *Config) Running(next *Config) *Config {
	now := *next
	now.Hostname, now.Postmaster, now.Data, now.Listen, now.Log.Format =
		c.Hostname, c.Postmaster, c.Data, c.Listen, c.Log.Format
	return &now
}
