// Package netns runs a program in a network of its own, made of Linux network
// namespaces: a client, a router and a server host, joined by veth pairs.
//
//	client 10.77.1.2 ── 10.77.1.1 router 10.77.2.1 ── 10.77.2.2 server
//	       fd77:1::2 ── fd77:1::1        fd77:2::1 ── fd77:2::2
//
// A namespace is entered by starting a process in it, never by moving a thread
// of a running program. The program itself is started again as the client. The
// router and the server host are children that run commands and make listeners
// in their namespaces; a listener comes back as a file descriptor, so that the
// client's process can serve on the server's addresses.
//
// It needs Linux, root, and the programs ip (iproute2) and nft (nftables).
package netns

import (
	"net/netip"
	"os"
	"regexp"
	"strings"
)

// Addresses of the network.
var (
	ClientV4 = netip.MustParseAddr("10.77.1.2")
	ClientV6 = netip.MustParseAddr("fd77:1::2")
	ServerV4 = netip.MustParseAddr("10.77.2.2")
	ServerV6 = netip.MustParseAddr("fd77:2::2")
)

// The environment tells a process what it was started as.
const (
	environment = "POSTERN_NETNS"
	asClient    = "client"
	asNode      = "node"
)

// Inside tells whether this process was started as the client of a network.
func Inside() bool { return os.Getenv(environment) == asClient }

// T is what RunTest needs of a [testing.T].
type T interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// testPattern is the argument of -test.run that selects one test or subtest.
func testPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
