package store

import (
	"context"
	"fmt"
	"time"
)

// A Mailbox is a mailbox as it was when it was looked up.
type Mailbox struct {
	ID          MailboxID
	Account     AccountID
	Name        string // UTF-8, levels separated by Separator
	UIDValidity uint32
	UIDNext     UID
	SpecialUse  SpecialUse
	Subscribed  bool
	Created     time.Time
}

// A SpecialUse is what a mailbox is for (RFC 6154 §2), as IMAP writes it; ""
// where it is for nothing special.
type SpecialUse string

// The special uses that Postern knows.
const (
	Archive SpecialUse = `\Archive`
	Drafts  SpecialUse = `\Drafts`
	Junk    SpecialUse = `\Junk`
	Sent    SpecialUse = `\Sent`
	Trash   SpecialUse = `\Trash`
)

// A Status is what a mailbox holds (RFC 9051 §6.3.11, and RECENT of RFC 3501).
type Status struct {
	Mailbox
	Messages, Unseen, Deleted, Recent int
	HighestModSeq                     ModSeq
}

const mailboxColumns = `select m.id, m.account, m.name, m.uidvalidity, m.uidnext, m.specialuse, m.created,
	(select count(*) from subscription s where s.account = m.account and s.name = m.name)
	from mailbox m `

// fields are where mailboxColumns go. done is called after the scan.
func (m *Mailbox) fields() (dest []any, done func()) {
	var created, subscribed int64
	dest = []any{&m.ID, &m.Account, &m.Name, &m.UIDValidity, &m.UIDNext, &m.SpecialUse, &created, &subscribed}
	return dest, func() {
		m.Created, m.Subscribed = fromMicros(created), subscribed > 0
	}
}

// Mailboxes lists an account's mailboxes in the order of their names, INBOX
// first.
func (s *Store) Mailboxes(ctx context.Context, account AccountID) ([]Mailbox, error) {
	var all []Mailbox
	err := s.Read(ctx, func(tx *ReadTx) error {
		return tx.each(mailboxColumns+"where m.account = $1 order by m.name <> 'INBOX', m.name",
			[]any{account}, func(r Rows) error {
				var m Mailbox
				dest, done := m.fields()
				err := r.Scan(dest...)
				done()
				all = append(all, m)
				return err
			})
	})
	return all, err
}

// Mailbox looks a mailbox up by its id.
func (s *Store) Mailbox(ctx context.Context, id MailboxID) (Mailbox, error) {
	return s.findMailbox(ctx, fmt.Sprintf("mailbox %d", id), mailboxColumns+"where m.id = $1", id)
}

// MailboxByName finds a mailbox. Only INBOX is compared without case.
func (s *Store) MailboxByName(ctx context.Context, account AccountID, name string) (Mailbox, error) {
	name, err := canonical(name)
	if err != nil {
		return Mailbox{}, err
	}
	return s.findMailbox(ctx, fmt.Sprintf("mailbox %q", name),
		mailboxColumns+"where m.account = $1 and m.name = $2", account, name)
}

func (s *Store) findMailbox(ctx context.Context, what, query string, args ...any) (m Mailbox, err error) {
	err = s.Read(ctx, func(tx *ReadTx) error {
		dest, done := m.fields()
		ok, err := tx.Get(query, args, dest...)
		if err == nil && !ok {
			err = fmt.Errorf("%s: %w", what, ErrNoMailbox)
		}
		done()
		return err
	})
	return m, err
}

// MailboxStatus counts what is in a mailbox.
func (s *Store) MailboxStatus(ctx context.Context, id MailboxID) (Status, error) {
	var st Status
	err := s.Read(ctx, func(tx *ReadTx) error {
		dest, done := st.Mailbox.fields()
		ok, err := tx.Get(mailboxColumns+"where m.id = $1", []any{id}, dest...)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("mailbox %d: %w", id, ErrNoMailbox)
		}
		done()
		var recent UID
		if _, err := tx.Get("select modseq, recent from mailbox where id = $1", []any{id}, &st.HighestModSeq, &recent); err != nil {
			return err
		}
		_, err = tx.Get(`select count(*),
			coalesce(sum(case when flags & $2 = 0 then 1 else 0 end), 0),
			coalesce(sum(case when flags & $3 = 0 then 0 else 1 end), 0),
			coalesce(sum(case when uid < $4 then 0 else 1 end), 0)
			from placement where mailbox = $1`,
			[]any{id, int64(Seen), int64(Deleted), s.hub.recent(id, recent)},
			&st.Messages, &st.Unseen, &st.Deleted, &st.Recent)
		return err
	})
	return st, err
}
