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
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/store/file"
	"postern/internal/mailhost/store/pack"
	"postern/internal/mailhost/store/sqlite"
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
type Store struct {
	opt     Options
	log     *slog.Logger
	lock    *os.File
	pack    *pack.Pack
	queue   *queue
	hub     *hub
	writer  *writer
	memory  budget
	metrics *metrics

	dbMu sync.RWMutex // held for reading while rows are read
	db   *sqlite.DB   // nil while there is nothing to read from

	close      func() error
	stop       context.CancelFunc
	sweepNow   chan struct{}
	background sync.WaitGroup
}

// Open takes possession of the data directory, making it where there is none,
// brings its format up to date and starts the writer. It fails with ErrLocked
// when another process has it, and with ErrNewer when a later Postern made it.
func Open(ctx context.Context, opt Options) (*Store, error) {
	opt.defaults()
	s := &Store{opt: opt, log: opt.Logger, queue: newQueue(), sweepNow: make(chan struct{}, 1), memory: budget{limit: opt.Memory}}
	s.hub = newHub(s)
	s.close = sync.OnceValue(s.shutdown)
	if err := s.open(ctx); err != nil {
		s.release()
		return nil, fmt.Errorf("open the mail store in %s: %w", opt.Dir, err)
	}
	s.writer = &writer{s: s, end: make(chan struct{})}
	s.writer.attach()
	go s.writer.loop()

	ctx, s.stop = context.WithCancel(context.Background())
	s.background.Add(1)
	go s.upkeep(ctx)
	return s, nil
}

func (opt *Options) defaults() {
	if opt.FS == nil {
		opt.FS = file.OS()
	}
	if opt.Logger == nil {
		opt.Logger = slog.Default()
	}
	if opt.Memory == 0 {
		opt.Memory = 64 << 20
	}
	if opt.Wait == 0 {
		opt.Wait = 30 * time.Second
	}
	if opt.Keep == 0 {
		opt.Keep = 7 * 24 * time.Hour
	}
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.metrics, err = newMetrics(s); err != nil {
		return err
	}
	if err := s.opt.FS.MakeDir(s.opt.Dir); err != nil {
		return err
	}
	if s.lock, err = file.Lock(filepath.Join(s.opt.Dir, "lock")); err != nil {
		if errors.Is(err, file.ErrLocked) {
			return ErrLocked
		}
		return err
	}
	if s.db, err = s.openRows(ctx); err != nil {
		return err
	}
	if err := s.openPack(ctx); err != nil {
		return err
	}
	return s.removeUnused(ctx)
}

// openRows opens the database and brings it to the current format.
func (s *Store) openRows(ctx context.Context) (*sqlite.DB, error) {
	name := filepath.Join(s.opt.Dir, "mail.db")
	// SQLite would let others read it.
	if f, err := s.opt.FS.Create(name); err == nil {
		f.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	db, err := sqlite.Open(ctx, name, s.opt.VFS)
	if err != nil {
		return nil, err
	}
	err = migrate(db.Write())
	if err == nil {
		err = s.opt.FS.SyncDir(s.opt.Dir) // the database may be new
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// openPack opens the segments. None gets a number that a row has.
func (s *Store) openPack(ctx context.Context) error {
	var highest int64
	err := s.Read(ctx, func(tx *ReadTx) error {
		_, err := tx.Get("select coalesce(max(id), 0) from segment", nil, &highest)
		return err
	})
	if err != nil {
		return err
	}
	s.pack, err = pack.Open(s.opt.FS, filepath.Join(s.opt.Dir, "pack"), highest)
	return err
}

// reopenRows closes the database and opens it again. The writer calls it.
func (s *Store) reopenRows() error {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	if s.db != nil {
		if err := s.db.Close(); err != nil {
			s.log.Warn("closing the mail store's rows", "err", err)
		}
		s.db = nil
	}
	db, err := s.openRows(context.Background())
	s.db = db
	return err
}

// submit hands an op to the writer and waits for the outcome.
func (s *Store) submit(ctx context.Context, lane Lane, o *op) error {
	o.done = make(chan error, 1)
	err := ctx.Err()
	if err == nil {
		err = s.queue.put(lane, o)
	}
	if err == nil {
		err = o.await(ctx, s.opt.Wait)
	}
	s.metrics.outcome(err)
	return err
}

// Close commits what waits, ends the writer and lets go of the directory.
// Views and bodies must be closed before.
func (s *Store) Close() error { return s.close() }

func (s *Store) shutdown() error {
	s.stop()
	s.background.Wait()
	s.queue.close()
	<-s.writer.end
	return s.release()
}

// release closes what is open.
func (s *Store) release() error {
	var err error
	if s.pack != nil {
		err = s.pack.Close()
	}
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
		s.db = nil
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}
