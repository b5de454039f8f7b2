// Package file is the small part of a file system that stored bytes go
// through, so that tests can make any operation fail and can lose what was
// not made durable. It knows nothing of what the bytes mean.
package file

import (
	"errors"
	"io"
	"io/fs"
)

// ErrLocked says that another process has locked the file.
var ErrLocked = errors.New("another process has it")

// FS is a file system. Errors are those of package os.
type FS interface {
	// Create makes a new file for reading and writing, 0600. It must not
	// exist.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	// Remove removes a file.
	Remove(name string) error
	// MakeDir makes a directory, 0700, and those above it.
	MakeDir(name string) error
	// List returns the names in a directory, sorted.
	List(name string) ([]fs.DirEntry, error)
	// SyncDir makes durable which files a directory has.
	SyncDir(name string) error
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes durable what was written, and the file's size. After an
	// error nobody knows what of it is; asking again does not help.
	Sync() error
	// Size is the file's size in bytes.
	Size() (int64, error)
}
