//go:build unix

package file

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Lock makes the file if it is not there and locks it for this process, until
// the returned file is closed or the process dies. It fails with ErrLocked
// when another process has it.
func Lock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return f, nil
}
