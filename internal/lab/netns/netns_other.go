//go:build !linux

package netns

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

var errLinux = errors.New("network namespaces need Linux")

// Unavailable returns why networks can't be made on this machine.
func Unavailable() error { return errLinux }

// Main does nothing here.
func Main() {}

// RunTest skips the test.
func RunTest(t T) { t.Helper(); t.Skipf("%v", errLinux) }

// Exec fails here.
func Exec(context.Context, ...string) (int, error) { return 0, errLinux }

// Network can't be made here.
type Network struct{}

// New fails here.
func New() (*Network, error) { return nil, errLinux }

// Listen fails here.
func (*Network) Listen(netip.AddrPort) (net.Listener, error) { return nil, errLinux }

// Router fails here.
func (*Network) Router(...string) error { return errLinux }

// Server fails here.
func (*Network) Server(...string) error { return errLinux }

// Close does nothing here.
func (*Network) Close() error { return nil }
