package store

import (
	"fmt"

	"postern/internal/mailhost/store/sqlite"
)

// A ledger is what the writer remembers of the rows that nearly every op
// needs: the counters of accounts, mailboxes and segments, and the next ids. What ops
// change in it goes to the rows just before the commit. A rollback makes the
// writer forget all of it.
type ledger struct {
	conn      *sqlite.Conn
	accounts  map[AccountID]*accountRow
	mailboxes map[MailboxID]*mailboxRow
	segments  map[int64]*segmentRow
	ids       map[string]*counter
	touched   []row
}

// ledgerRows is how many rows the writer remembers.
const ledgerRows = 20_000

// A row is something in the ledger that can be saved.
type row interface {
	save(c *sqlite.Conn) error
	dirty() *bool
}

type accountRow struct {
	id     AccountID
	modseq ModSeq // the highest of its mailboxes
}

type mailboxRow struct {
	id          MailboxID
	account     *accountRow
	uidvalidity uint32
	uidnext     UID
	modseq      ModSeq
	recent      UID
	keywords    []string // grows by append to a copy; see Tx.flags
	known       bool     // whether keywords were read
	changed     bool
}

// A segmentRow counts the messages in a segment.
type segmentRow struct {
	id       int64
	messages int
	changed  bool
}

// A counter gives out ids.
type counter struct {
	name    string
	next    int64
	changed bool
}

func newLedger(c *sqlite.Conn) *ledger {
	l := &ledger{conn: c}
	l.forget()
	return l
}

// forget drops all that is remembered.
func (l *ledger) forget() {
	l.accounts = map[AccountID]*accountRow{}
	l.mailboxes = map[MailboxID]*mailboxRow{}
	l.segments = map[int64]*segmentRow{}
	l.ids = map[string]*counter{}
	l.touched = nil
}

// touch has r saved before the next commit.
func (l *ledger) touch(r row) {
	if d := r.dirty(); !*d {
		*d = true
		l.touched = append(l.touched, r)
	}
}

// save writes what was touched to the rows.
func (l *ledger) save() error {
	for _, r := range l.touched {
		if err := r.save(l.conn); err != nil {
			return err
		}
		*r.dirty() = false
	}
	l.touched = l.touched[:0]
	return nil
}

// trim keeps what is remembered bounded. Nothing may be touched.
func (l *ledger) trim() {
	if len(l.mailboxes)+len(l.accounts)+len(l.segments) > ledgerRows {
		l.forget()
	}
}

// id gives out an id: "account", "mailbox" or "message".
func (l *ledger) id(name string) (int64, error) { return l.idFrom(name, 1) }

// idFrom gives out an id that is at least floor.
func (l *ledger) idFrom(name string, floor int64) (int64, error) {
	c := l.ids[name]
	if c == nil {
		c = &counter{name: name, next: 1}
		if _, err := l.conn.Get("select next from counter where name = $1", []any{name}, &c.next); err != nil {
			return 0, err
		}
		l.ids[name] = c
	}
	l.touch(c)
	id := max(c.next, floor)
	c.next = id + 1
	return id, nil
}

func (l *ledger) account(id AccountID) (*accountRow, error) {
	if a := l.accounts[id]; a != nil {
		return a, nil
	}
	a := &accountRow{id: id}
	ok, err := l.conn.Get("select modseq from account where id = $1", []any{id}, &a.modseq)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("account %d: %w", id, ErrNoAccount)
	}
	var highest ModSeq
	if _, err := l.conn.Get("select coalesce(max(modseq), 0) from mailbox where account = $1", []any{id}, &highest); err != nil {
		return nil, err
	}
	a.modseq = max(a.modseq, highest)
	l.accounts[id] = a
	return a, nil
}

func (l *ledger) mailbox(id MailboxID) (*mailboxRow, error) {
	if m := l.mailboxes[id]; m != nil {
		return m, nil
	}
	m := &mailboxRow{id: id}
	var account AccountID
	ok, err := l.conn.Get("select account, uidvalidity, uidnext, modseq, recent from mailbox where id = $1",
		[]any{id}, &account, &m.uidvalidity, &m.uidnext, &m.modseq, &m.recent)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("mailbox %d: %w", id, ErrNoMailbox)
	}
	if m.account, err = l.account(account); err != nil {
		return nil, err
	}
	l.mailboxes[id] = m
	return m, nil
}

// inSegment adds to the number of messages in a segment, and returns it.
func (l *ledger) inSegment(id int64, more int) (int, error) {
	s := l.segments[id]
	if s == nil {
		s = &segmentRow{id: id}
		if _, err := l.conn.Get("select messages from segment where id = $1", []any{id}, &s.messages); err != nil {
			return 0, err
		}
		l.segments[id] = s
	}
	s.messages += more
	l.touch(s)
	return s.messages, nil
}

func (m *mailboxRow) dirty() *bool { return &m.changed }
func (s *segmentRow) dirty() *bool { return &s.changed }
func (c *counter) dirty() *bool    { return &c.changed }

func (m *mailboxRow) save(c *sqlite.Conn) error {
	_, err := c.Exec("update mailbox set uidnext = $1, modseq = $2, recent = $3 where id = $4",
		m.uidnext, m.modseq, m.recent, m.id)
	return err
}

func (s *segmentRow) save(c *sqlite.Conn) error {
	if s.messages == 0 {
		_, err := c.Exec("delete from segment where id = $1", s.id)
		return err
	}
	_, err := c.Exec(`insert into segment (id, messages) values ($1, $2)
		on conflict (id) do update set messages = excluded.messages`, s.id, s.messages)
	return err
}

func (n *counter) save(c *sqlite.Conn) error {
	_, err := c.Exec(`insert into counter (name, next) values ($1, $2)
		on conflict (name) do update set next = excluded.next`, n.name, n.next)
	return err
}
