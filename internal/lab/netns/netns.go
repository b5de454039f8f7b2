// Package netns runs a program in a network of its own, made of Linux network
// namespaces: a client, a router and a server host, joined by veth pairs.
//
// A namespace is entered by starting a child process in it, never by moving a
// thread of a running program. The child is the client; the listeners of the
// server host are made by a second child, in the server's namespace, which
// hands them over as file descriptors.
//
// It needs root, and the programs ip (iproute2) and nft (nftables).
package netns

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// Addresses of the network. The router is in between, with ".1" and "::1" on
// both sides.
var (
	ClientV4 = netip.MustParseAddr("10.77.1.2")
	ClientV6 = netip.MustParseAddr("fd77:1::2")
	ServerV4 = netip.MustParseAddr("10.77.2.2")
	ServerV6 = netip.MustParseAddr("fd77:2::2")
)

// Main does the work of a child that makes listeners, if this process was
// started as one, and does not return then. A program or TestMain that uses
// this package calls it first.
func Main() {}

// Inside tells whether this process was started in a network of its own.
func Inside() bool { return false }

// Unavailable returns why networks can't be made on this machine, or nil.
func Unavailable() error { return errors.New("not built") }

// RunTest runs the calling test again in a child process in a new network, and
// fails it if the child fails. It skips with a reason where networks can't be
// made. A test begins with: if !netns.Inside() { netns.RunTest(t); return }
func RunTest(t T) { t.Helper() }

// T is what RunTest needs of a [testing.T].
type T interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Exec runs this program again with the given arguments in a child process in a
// new network, with the same standard streams, and returns its exit code.
func Exec(ctx context.Context, args ...string) (int, error) { return 0, errors.New("not built") }

// Network is the client's view of the network of this process.
type Network struct{}

// New builds client, router and server around this process, which must be Inside.
func New(ctx context.Context) (*Network, error) { return nil, errors.New("not built") }

// Listen makes a TCP listener on the server host.
func (n *Network) Listen(at netip.AddrPort) (net.Listener, error) {
	return nil, errors.New("not built")
}

// Router runs a command in the router's namespace, such as
// Router("ip", "route", "add", "blackhole", "10.77.2.2/32").
func (n *Network) Router(command ...string) error { return errors.New("not built") }

// Close takes the network down.
func (n *Network) Close() error { return nil }
