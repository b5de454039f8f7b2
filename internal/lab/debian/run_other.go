//go:build !linux

package debian

import (
	"context"
	"errors"
)

var errLinux = errors.New("running Debian's mail servers needs Linux")

// Machine can't be had here.
type Machine struct{}

// Unavailable returns why the daemons can't be run here.
func Unavailable() error { return errLinux }

// Start fails here.
func Start(context.Context, Options) (*Machine, error) { return nil, errLinux }

// Close does nothing here.
func (*Machine) Close() {}

// Log is empty here.
func (*Machine) Log() string { return "" }
