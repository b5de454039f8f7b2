// Package store keeps the mail of one data directory: accounts' mailboxes,
// the messages in them, their flags and their bytes.
//
// Rows live in SQLite, message bytes in append-only pack segments beside it.
// What a method has acknowledged survives the death of the process and of the
// power. Sessions never open a write transaction: every change is an op that
// one writer commits together with the others that wait. Readers look at
// snapshots, which never change under them.
//
// The package knows nothing of sockets, replies or users' names (that is
// directory's), never changes a byte of a message, never gives an id of an
// account, mailbox or message out twice, and never lets two processes at one
// data directory.
//
// RFC 9051 §2.3 and RFC 3501 §2.3 (UIDs, UIDVALIDITY, flags, \Recent),
// RFC 7162 (MODSEQ), RFC 8474 (ids), RFC 6154 (special use).
package store

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/store/file"
)

// Options say where and how a Store works. Dir is required; the zero value of
// everything else is a sensible default.
type Options struct {
	// Dir is the data directory. It is made if it is not there.
	Dir string
	// FS is what pack segments are written through; nil is the file system.
	FS file.FS
	// VFS is the name of the SQLite VFS that the rows are written through;
	// "" is SQLite's own.
	VFS string
	// Logger gets what an operator should know; nil is slog.Default().
	Logger *slog.Logger
	// Metrics is where the store's metrics are registered; nil is nowhere.
	Metrics prometheus.Registerer

	// Memory is how many bytes all staged messages together may keep in
	// memory; 0 is 64 MB. Beyond it they go to disk.
	Memory int64
	// Wait is how long an op waits for its turn before it fails with ErrBusy;
	// 0 is 30 s.
	Wait time.Duration
	// Keep is how long an expunged message can still be brought back before
	// its bytes are removed; 0 is 7 days.
	Keep time.Duration
}

// A Store is an open data directory. Its methods may be called from many
// goroutines.
type Store struct{}

var errNotYet = errors.New("store: not yet")

// Open takes possession of the data directory, making it where there is none,
// brings its format up to date and starts the writer. It fails with ErrLocked
// when another process has it, and with ErrNewer when a later Postern made it.
func Open(ctx context.Context, opt Options) (*Store, error) { return nil, errNotYet }

// Close commits what waits, ends the writer and lets go of the directory.
// Views and bodies must be closed before.
func (s *Store) Close() error { return errNotYet }

// Stage begins a message. The caller writes its bytes, then calls Finish or
// Discard.
func (s *Store) Stage(ctx context.Context) (*Staging, error) { return nil, errNotYet }

// A Staging takes the bytes of one message before anything points at them.
type Staging struct{}

// Write adds p to the message.
func (g *Staging) Write(p []byte) (int, error) { return 0, errNotYet }

// Size is how many bytes were written so far.
func (g *Staging) Size() int64 { return 0 }

// Finish parses the message and returns it as a Body, durable when it is a
// large one. The Staging is used up, also by an error.
func (g *Staging) Finish() (*Body, error) { return nil, errNotYet }

// Discard gives up the message. After Finish it does nothing.
func (g *Staging) Discard() {}

var _ io.Writer = (*Staging)(nil)
