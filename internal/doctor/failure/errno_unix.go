//go:build unix

package failure

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// errno returns the name of the system's error number within err, or "".
func errno(err error) string {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return ""
	}
	return unix.ErrnoName(number)
}
