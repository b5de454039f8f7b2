// Package debian runs Debian's own Dovecot and Postfix, healthy or misconfigured
// as people misconfigure them, so that the doctor also meets servers that nobody
// wrote for it.
//
// The daemons run with configurations and data of their own in a directory of
// their own, on the standard ports of one loopback address, in the foreground of
// a process namespace that takes all of their children with it when it ends.
// What Debian has configured on this machine is neither read nor changed.
//
// It needs Linux, root, and the packages dovecot-imapd, dovecot-pop3d and
// postfix.
package debian

import (
	"crypto/tls"
	"net/netip"
)

// Options say what to run.
type Options struct {
	Address     netip.Addr // of loopback; every standard port is opened there
	Host        string     // the servers' name
	Domain      string     // that they take mail for
	User        string     // the one account, an address
	Password    string
	Certificate tls.Certificate

	// Further settings, a line each; they win over those before.
	Dovecot, Postfix string
}
