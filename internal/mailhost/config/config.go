// Package config reads the mail host's configuration, one TOML file, into an
// immutable value.
//
// It is strict: a key it does not know, a value it can't use and a combination
// that makes no sense are errors that name file, line and what was expected. It
// opens no port and reads no certificate.
package config

import (
	"net/netip"
	"time"

	"postern/internal/wire/ports"
)

// Config is one configuration. It is never changed after Load.
type Config struct {
	File     string // where it was read from
	Hostname string // as the server calls itself: greeting, Received, certificate
	Data     string // the data directory, absolute
	Listen   []Listen
	TLS      TLS
	Limits   Limits
	Guard    Guard
	Activity Activity
	Log      Log
}

// Listen is one port to open, on one address or on all.
type Listen struct {
	Address  netip.Addr // the zero Addr means every address, IPv4 and IPv6
	Port     int        // 0 lets the system choose
	Protocol ports.Protocol
	Security ports.Security
	Role     ports.Role
}

// TLS names the certificates. Without any, the server makes its own authority
// in the data directory and a certificate for its host name.
type TLS struct {
	Certificates []CertificateFiles // the first is for clients that name no host
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
	Window    time.Duration // how long a failed login is remembered
	SlowAfter int           // failures of an address until its logins are delayed
	Address   int           // failures until an address is refused
	Network   int           // the same for its /24 or /64
	Account   int           // the same for an account, except from where it logged in before
	RefuseFor time.Duration
	Trusted   []netip.Prefix // never slowed down, refused or limited per address
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
