package store

import (
	"fmt"
	"time"

	"postern/internal/mailhost/store/sqlite"
)

// schema is what a new data directory begins with: format 1. Times are
// microseconds since 1970; ids come from counter, by name, and are never given
// out again.
const schema = `
create table format (version bigint not null);

create table counter (name text primary key, next bigint not null) {keyed};

create table account (
	id {rowid},
	modseq bigint not null,  -- the highest of the mailboxes that it has no more
	created bigint not null
);

create table mailbox (
	id {rowid},
	account bigint not null,
	name text not null,
	uidvalidity bigint not null,
	uidnext bigint not null,
	modseq bigint not null,  -- of its last change
	recent bigint not null,  -- messages from this UID on are new to all sessions
	specialuse text not null,
	created bigint not null
);
create unique index mailbox_name on mailbox (account, name);

create table keyword (
	mailbox bigint not null,
	position bigint not null,
	name text not null,
	primary key (mailbox, position)
) {keyed};

create table subscription (
	account bigint not null,
	name text not null,
	primary key (account, name)
) {keyed};

-- A message never changes. Its bytes are in the pack.
create table message (
	id {rowid},
	account bigint not null,
	segment bigint not null,
	position bigint not null,
	size bigint not null,
	date bigint not null,
	envelope bytea not null,
	structure bytea not null,
	signature bytea not null
);

-- How many messages lie in a segment. One without a row has none.
create table segment (id {rowid}, messages bigint not null);

create table placement (
	mailbox bigint not null,
	uid bigint not null,
	message bigint not null,
	modseq bigint not null,
	flags bigint not null,
	savedate bigint not null,
	primary key (mailbox, uid)
) {keyed};

-- One row of placement or expunged refers to a message, and as many more as
-- it says here.
create table shared (message {rowid}, more bigint not null);

-- What was in a mailbox until modseq, and can be brought back until then.
create table expunged (
	mailbox bigint not null,
	modseq bigint not null,
	uid bigint not null,
	message bigint not null,
	until bigint not null,
	primary key (mailbox, modseq, uid)
) {keyed};
create index expunged_until on expunged (until);

-- A mailbox that was removed. Its placements go after until.
create table removed (
	mailbox {rowid},
	account bigint not null,
	name text not null,
	uidvalidity bigint not null,
	until bigint not null
);

create table domain (name text primary key, created bigint not null) {keyed};

-- Every address that gets mail. own is 1 for the one that an account is named
-- after, 0 for aliases.
create table address (
	domain text not null,
	local text not null,
	account bigint not null,
	own bigint not null,
	primary key (domain, local)
) {keyed};
create index address_account on address (account);

create table login (
	account {rowid},
	password text not null,
	changed bigint not null
);

create table ban (
	subject text primary key,
	reason text not null,
	since bigint not null,
	until bigint not null
) {keyed};
`

// format is the version of the data directory that this code writes.
const format = 1

// migrations[n] turns format n into n+1. Format 0 is an empty database.
var migrations = []func(*sqlite.Conn) error{
	func(c *sqlite.Conn) error { return c.Script(sqlite.Schema(schema)) },
}

// migrate brings the database to the current format, in one transaction.
func migrate(c *sqlite.Conn) error {
	version, err := readFormat(c)
	if err != nil || version == format {
		return err
	}
	if version > format {
		return fmt.Errorf("%w: it has format %d and this one knows formats up to %d; use the Postern that wrote it, or a later one",
			ErrNewer, version, format)
	}
	if _, err := c.Exec("begin immediate"); err != nil {
		return err
	}
	if err := migrateFrom(version, c); err != nil {
		c.Exec("rollback")
		return fmt.Errorf("bring the data directory from format %d to %d: %w", version, format, err)
	}
	_, err = c.Exec("commit")
	return err
}

func migrateFrom(version int, c *sqlite.Conn) error {
	for _, step := range migrations[version:format] {
		if err := step(c); err != nil {
			return err
		}
	}
	if err := c.Script("delete from format"); err != nil {
		return err
	}
	return c.Script(fmt.Sprintf("insert into format (version) values (%d)", format))
}

func readFormat(c *sqlite.Conn) (int, error) {
	var tables, version int
	if _, err := c.Get("select count(*) from sqlite_master where name = 'format'", nil, &tables); err != nil || tables == 0 {
		return 0, err
	}
	_, err := c.Get("select version from format", nil, &version)
	return version, err
}

// micros is a time as the rows have it.
func micros(t time.Time) int64 { return t.UnixMicro() }

// fromMicros is the time that the rows have.
func fromMicros(us int64) time.Time { return time.UnixMicro(us) }
