// Package journal is the file that attempts are kept in: one SQLite database in
// the data directory, apart from the mail, written in batches with
// synchronous=NORMAL. A power cut may cost it its last seconds, never the mail
// anything.
//
// It is bounded in size and age; the oldest attempts go first. A file that
// can't be read any more is put aside, not mended. It never decides what is kept
// of an attempt.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"postern/internal/mailhost/activity"
)

// Limits bound the file.
type Limits struct {
	Keep    time.Duration
	MaxSize int64 // bytes
}

// Journal is an open file. Its methods may be called from many goroutines.
type Journal struct {
	db     *sql.DB
	limits func() Limits
}

// schema is format 1; user_version says so.
const schema = `
create table if not exists attempt (
	id integer primary key,
	time integer not null, -- microseconds
	address text not null,
	port integer not null,
	protocol text not null,
	account text not null,
	mechanism text not null,
	tls text not null,
	outcome text not null,
	fault text not null,
	session text not null,
	detail text not null,
	count integer not null
);
create index if not exists attempt_account on attempt (account collate nocase, id);
create index if not exists attempt_session on attempt (session);
pragma user_version = 1;
`

// Open opens the file, making it where there is none. One that is damaged is
// renamed and begun anew.
func Open(ctx context.Context, file string, logger *slog.Logger, limits func() Limits) (*Journal, error) {
	db, err := open(ctx, file)
	if err != nil {
		aside := file + ".damaged"
		if os.Rename(file, aside) != nil {
			return nil, fmt.Errorf("open the activity file %s: %w", file, err)
		}
		os.Remove(file + "-wal")
		os.Remove(file + "-shm")
		logger.Error("the activity file can't be read; a new one is begun", "file", file, "kept as", aside, "error", err)
		if db, err = open(ctx, file); err != nil {
			return nil, fmt.Errorf("open the activity file %s: %w", file, err)
		}
	}
	return &Journal{db: db, limits: limits}, nil
}

func open(ctx context.Context, file string) (*sql.DB, error) {
	if err := private(file); err != nil {
		return nil, err
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(normal)", "journal_size_limit(4194304)",
	}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2) // one writes, one reads
	var version int
	if err = db.QueryRowContext(ctx, "pragma user_version").Scan(&version); err == nil && version == 0 {
		_, err = db.ExecContext(ctx, schema)
	}
	if err == nil && version > 1 {
		err = fmt.Errorf("it has format %d and this Postern knows format 1", version)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// private makes the file for this user only; what SQLite puts beside it gets
// the same mode.
func private(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Close closes the file.
func (j *Journal) Close() error { return j.db.Close() }

// Append writes a batch in one transaction and keeps the file within its
// limits.
func (j *Journal) Append(batch []activity.Attempt) (err error) {
	tx, err := j.db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tx.Rollback()
		}
	}()
	insert, err := tx.Prepare(`insert into attempt
		(time, address, port, protocol, account, mechanism, tls, outcome, fault, session, detail, count)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, a := range batch {
		address := ""
		if a.Address.IsValid() {
			address = a.Address.String()
		}
		if _, err := insert.Exec(a.Time.UnixMicro(), address, a.Port, a.Protocol, a.Account, a.Mechanism,
			a.TLS, a.Outcome, a.Fault, a.Session, a.Detail, a.Count); err != nil {
			return err
		}
	}
	if err := j.trim(tx, time.Now()); err != nil {
		return err
	}
	return tx.Commit()
}

// trim deletes what is too old, and a tenth of all when the file is too large.
func (j *Journal) trim(tx *sql.Tx, now time.Time) error {
	limits := j.limits()
	if _, err := tx.Exec(`delete from attempt where id < coalesce(
		(select min(id) from attempt where time >= $1), 0)`, now.Add(-limits.Keep).UnixMicro()); err != nil {
		return err
	}
	var pages, free, size int64
	for pragma, into := range map[string]*int64{"page_count": &pages, "freelist_count": &free, "page_size": &size} {
		if err := tx.QueryRow("pragma " + pragma).Scan(into); err != nil {
			return err
		}
	}
	if (pages-free)*size <= limits.MaxSize {
		return nil
	}
	_, err := tx.Exec(`delete from attempt where id <=
		(select min(id) + (max(id) - min(id)) / 10 from attempt)`)
	return err
}

// defaultLimit is how many attempts are listed when the filter does not say.
const defaultLimit = 1000

// List returns the attempts that a filter chooses, the oldest first.
func (j *Journal) List(ctx context.Context, f activity.Filter) ([]activity.Attempt, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	since := int64(0)
	if !f.Since.IsZero() {
		since = f.Since.UnixMicro()
	}
	newest := `select id from attempt where time >= $1 `
	args := []any{since, limit}
	if f.Account != "" {
		args = append(args, f.Account)
		newest += fmt.Sprintf("and account = $%d collate nocase ", len(args))
	}
	if f.Session != "" {
		args = append(args, f.Session)
		newest += fmt.Sprintf("and session = $%d ", len(args))
	}
	newest += `order by id desc limit $2`
	rows, err := j.db.QueryContext(ctx, `select time, address, port, protocol, account, mechanism, tls, outcome,
		fault, session, detail, count from attempt where id in (`+newest+`) order by id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []activity.Attempt
	for rows.Next() {
		a, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

func scan(rows *sql.Rows) (activity.Attempt, error) {
	var a activity.Attempt
	var micros int64
	var address string
	err := rows.Scan(&micros, &address, &a.Port, &a.Protocol, &a.Account, &a.Mechanism,
		&a.TLS, &a.Outcome, &a.Fault, &a.Session, &a.Detail, &a.Count)
	a.Time = time.UnixMicro(micros).UTC()
	if address != "" {
		var bad error
		a.Address, bad = netip.ParseAddr(address)
		err = errors.Join(err, bad)
	}
	return a, err
}
