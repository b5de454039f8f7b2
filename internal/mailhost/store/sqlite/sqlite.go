// Package sqlite opens the one SQLite database of a data directory: one
// connection that writes, a few that read.
//
// The database is in WAL mode with synchronous=FULL: what was committed is on
// the disk, and readers never wait for the writer. The package knows nothing
// of tables. Nothing outside of it depends on SQLite but for Schema's
// snippets: statements use $1, $2, … and the types bigint, bytea and text.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"postern/internal/mailhost/store/vfs"
)

const (
	// readers is how many read transactions there can be at a time.
	readers = 8
	// checkpoint is how many pages of 4 KiB the WAL has before its content
	// goes to the database. Pages that change with every commit are written
	// there once for many commits.
	checkpoint = 4000
	// writerCache is what the writing connection keeps of the database, in
	// KiB.
	writerCache = 64 << 10
)

// A DB is an open database.
type DB struct {
	vfs   *vfs.VFS
	pool  *sql.DB
	write *Conn
	read  chan *Conn // idle readers; nil stands for one not yet opened
}

// Open opens the database, making it if it is not there. base names the SQLite
// VFS to build upon; "" is SQLite's own. The directory must be of this process alone.
//
// All that a WAL of before has is in the database file when Open returns, so
// that nothing is ever appended to a WAL whose fsync has failed.
func Open(ctx context.Context, path, base string) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	layer, err := vfs.Register(base, gather{})
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", dsn(path, layer.Name))
	if err != nil {
		layer.Close()
		return nil, err
	}
	db := &DB{vfs: layer, pool: pool, read: make(chan *Conn, readers)}
	for range readers {
		db.read <- nil
	}
	if err := db.begin(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

func dsn(path, vfs string) string {
	q := url.Values{"vfs": {vfs}}
	for _, p := range []string{
		"journal_mode(wal)", "synchronous(full)", "temp_store(memory)", "busy_timeout(10000)",
		"wal_autocheckpoint(" + strconv.Itoa(checkpoint) + ")",
	} {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

func (db *DB) begin(ctx context.Context) error {
	var err error
	if db.write, err = db.connect(ctx); err != nil {
		return err
	}
	var version, mode string
	if _, err := db.write.Get("select sqlite_version()", nil, &version); err != nil {
		return err
	}
	if older(version, oldest) {
		return fmt.Errorf("SQLite %s can lose data; %s or later is needed", version, oldest)
	}
	if _, err := db.write.Get("pragma journal_mode", nil, &mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("no write-ahead log on this file system (journal mode %s)", mode)
	}
	if _, err := db.write.Exec("pragma cache_size = -" + strconv.Itoa(writerCache)); err != nil {
		return err
	}
	var busy, frames, done int
	if _, err := db.write.Get("pragma wal_checkpoint(truncate)", nil, &busy, &frames, &done); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("the write-ahead log is in use by somebody else")
	}
	return nil
}

// oldest is the first SQLite without a known defect that loses committed
// rows (the WAL-reset race, fixed in 3.51.3).
const oldest = "3.51.3"

// older compares dotted version numbers.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}

func (db *DB) connect(ctx context.Context) (*Conn, error) {
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &Conn{conn: c, stmts: map[string]*sql.Stmt{}}, nil
}

// Write is the connection that writes. It is for one goroutine.
func (db *DB) Write() *Conn { return db.write }

// Read runs f in a read transaction. It waits while there are too many.
func (db *DB) Read(ctx context.Context, f func(*Conn) error) error {
	var c *Conn
	select {
	case c = <-db.read:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.read <- c }()
	if c == nil {
		fresh, err := db.connect(ctx)
		if err != nil {
			return err
		}
		c = fresh
		c.Exec("pragma query_only = on")
	}
	if _, err := c.Exec("begin"); err != nil {
		c.close()
		c = nil
		return err
	}
	defer c.Exec("rollback")
	return f(c)
}

// Close waits for the readers and closes the database.
func (db *DB) Close() error {
	var err error
	for range readers {
		if c := <-db.read; c != nil {
			err = errors.Join(err, c.close())
		}
	}
	if db.write != nil {
		err = errors.Join(err, db.write.close())
	}
	err = errors.Join(err, db.pool.Close())
	db.vfs.Close()
	return err
}

// Schema replaces the snippets in which the dialects of SQL differ: {rowid} is
// the type of a primary key by which whole rows are stored, {keyed} says that
// a table's rows are stored in the order of its primary key.
func Schema(text string) string {
	return strings.NewReplacer("{rowid}", "integer primary key", "{keyed}", " without rowid").Replace(text)
}

// Broken reports whether err says that the disk or the database has failed,
// rather than a statement.
func Broken(err error) bool {
	var e *driver.Error
	if !errors.As(err, &e) {
		return errors.Is(err, sql.ErrConnDone)
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_CANTOPEN,
		lib.SQLITE_READONLY, lib.SQLITE_PROTOCOL, lib.SQLITE_NOMEM, lib.SQLITE_INTERNAL:
		return true
	}
	return false
}

// Full reports whether err says that the disk is full.
func Full(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_FULL
}
