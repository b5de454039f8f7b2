//go:build !unix

package file

import (
	"errors"
	"os"
)

// Lock is for Unix systems only.
func Lock(name string) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: name, Err: errors.ErrUnsupported}
}
