package store

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// MaxMailboxes is how many mailboxes an account can have, and how many
// subscriptions.
const MaxMailboxes = 10_000

// NewAccount makes an account that has no mailboxes.
func (tx *Tx) NewAccount() (AccountID, error) {
	id, err := tx.ledger.id("account")
	if err != nil {
		return 0, err
	}
	return AccountID(id), tx.do("insert into account (id, modseq, created) values ($1, 0, $2)", id, tx.now)
}

// RemoveAccount removes an account with its mailboxes and subscriptions. The
// messages' rows and bytes follow when Sweep comes by.
func (tx *Tx) RemoveAccount(account AccountID) error {
	names, err := tx.mailboxNames("select id, name from mailbox where account = $1", account)
	if err != nil {
		return err
	}
	for _, m := range names {
		if err := tx.removeMailbox(m.id, tx.now); err != nil {
			return err
		}
	}
	if err := tx.do("delete from subscription where account = $1", account); err != nil {
		return err
	}
	delete(tx.ledger.accounts, account)
	return tx.do("delete from account where id = $1", account)
}

// CreateMailbox makes a mailbox, and those above it that are missing. A
// Separator at the end of the name is ignored (RFC 9051 §6.3.4).
func (s *Store) CreateMailbox(ctx context.Context, account AccountID, name string, use SpecialUse) (Mailbox, error) {
	var id MailboxID
	err := s.edit(ctx, 1, func(tx *Tx) (err error) {
		id, err = tx.CreateMailbox(account, name, use)
		return err
	})
	if err != nil {
		return Mailbox{}, err
	}
	return s.Mailbox(ctx, id)
}

// CreateMailbox is what Store.CreateMailbox does, as part of an op.
func (tx *Tx) CreateMailbox(account AccountID, name string, use SpecialUse) (MailboxID, error) {
	if n := len(name); n > 1 && name[n-1:] == Separator {
		name = name[:n-1]
	}
	name, err := canonical(name)
	if err != nil {
		return 0, err
	}
	if id, err := tx.mailboxNamed(account, name); err != nil || id != 0 {
		return 0, orExists(err, name)
	}
	if err := tx.unused(account, use); err != nil {
		return 0, err
	}
	if err := tx.createParents(account, name); err != nil {
		return 0, err
	}
	return tx.newMailbox(account, name, use)
}

func orExists(err error, name string) error {
	if err == nil {
		err = fmt.Errorf("mailbox %q: %w", name, ErrMailboxExists)
	}
	return err
}

// unused fails where an account has a mailbox for a special use.
func (tx *Tx) unused(account AccountID, use SpecialUse) error {
	if use == "" {
		return nil
	}
	var name string
	ok, err := tx.Get("select name from mailbox where account = $1 and specialuse = $2", []any{account, use}, &name)
	if ok {
		err = fmt.Errorf("mailbox %q is %s: %w", name, use, ErrSpecialUse)
	}
	return err
}

func (tx *Tx) createParents(account AccountID, name string) error {
	for _, above := range parents(name) {
		id, err := tx.mailboxNamed(account, above)
		if err == nil && id == 0 {
			_, err = tx.newMailbox(account, above, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newMailbox inserts a mailbox. Its UIDVALIDITY is higher than that of any
// mailbox before (RFC 9051 §2.3.1.1), also of other accounts: one of them may
// have had the same name.
func (tx *Tx) newMailbox(account AccountID, name string, use SpecialUse) (MailboxID, error) {
	a, err := tx.ledger.account(account)
	if err != nil {
		return 0, err
	}
	var n int
	if _, err := tx.Get("select count(*) from mailbox where account = $1", []any{account}, &n); err != nil {
		return 0, err
	}
	if n >= MaxMailboxes {
		return 0, fmt.Errorf("account %d has %d mailboxes: %w", account, n, ErrTooMany)
	}
	id, err := tx.ledger.id("mailbox")
	if err != nil {
		return 0, err
	}
	validity, err := tx.ledger.idFrom("uidvalidity", tx.now/1e6)
	if err != nil {
		return 0, err
	}
	if validity > math.MaxUint32 {
		return 0, errors.New("no UIDVALIDITY is left")
	}
	return MailboxID(id), tx.do(`insert into mailbox (id, account, name, uidvalidity, uidnext, modseq, recent, specialuse, created)
		values ($1, $2, $3, $4, 1, $5, 1, $6, $7)`, id, account, name, validity, tx.modseq(a), use, tx.now)
}

// mailboxNamed returns the id of a mailbox, 0 where there is none.
func (tx *Tx) mailboxNamed(account AccountID, name string) (id MailboxID, err error) {
	_, err = tx.Get("select id from mailbox where account = $1 and name = $2", []any{account, name}, &id)
	return id, err
}

// A named is a mailbox's id with its name.
type named struct {
	id   MailboxID
	name string
}

// mailboxNames returns what a query for ids and names finds.
func (tx *Tx) mailboxNames(query string, args ...any) (found []named, err error) {
	err = tx.each(query, args, func(r Rows) error {
		var m named
		err := r.Scan(&m.id, &m.name)
		found = append(found, m)
		return err
	})
	return found, err
}

// DeleteMailbox removes a mailbox and its messages, not those below it. The
// name's subscription stays (RFC 9051 §6.3.5).
func (s *Store) DeleteMailbox(ctx context.Context, account AccountID, name string) error {
	name, err := canonical(name)
	if err != nil {
		return err
	}
	if name == Inbox {
		return ErrInbox
	}
	return s.edit(ctx, 1, func(tx *Tx) error {
		id, err := tx.mailboxNamed(account, name)
		if err != nil {
			return err
		}
		if id == 0 {
			return fmt.Errorf("mailbox %q: %w", name, ErrNoMailbox)
		}
		return tx.removeMailbox(id, tx.now+tx.keep)
	})
}

// removeMailbox takes a mailbox away at once and leaves its messages to Sweep,
// from a time on.
func (tx *Tx) removeMailbox(id MailboxID, until int64) error {
	mb, err := tx.ledger.mailbox(id)
	if err != nil {
		return err
	}
	tx.change(mb).gone = true
	delete(tx.ledger.mailboxes, id)
	if err := tx.do("update account set modseq = $1 where id = $2", mb.modseq, mb.account.id); err != nil {
		return err
	}
	if err := tx.do(`insert into removed (mailbox, account, name, uidvalidity, until)
		select id, account, name, uidvalidity, $1 from mailbox where id = $2`, until, id); err != nil {
		return err
	}
	return tx.do("delete from mailbox where id = $1", id)
}

// RenameMailbox renames a mailbox and all below it. Renaming INBOX moves its
// messages to a new mailbox and leaves it and what is below it (RFC 9051
// §6.3.6).
func (s *Store) RenameMailbox(ctx context.Context, account AccountID, from, to string) error {
	from, err := canonical(from)
	if err != nil {
		return err
	}
	if to, err = canonical(to); err != nil {
		return err
	}
	return s.edit(ctx, 1, func(tx *Tx) error {
		if id, err := tx.mailboxNamed(account, to); err != nil || id != 0 {
			return orExists(err, to)
		}
		if from == Inbox {
			return tx.emptyInbox(account, to)
		}
		return tx.rename(account, from, to)
	})
}

func (tx *Tx) rename(account AccountID, from, to string) error {
	first, end := below(from)
	if to >= first && to < end {
		return fmt.Errorf("mailbox %q cannot go below itself: %w", from, ErrBadName)
	}
	names, err := tx.mailboxNames("select id, name from mailbox where account = $1 and (name = $2 or name >= $3 and name < $4) order by name",
		account, from, first, end)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("mailbox %q: %w", from, ErrNoMailbox)
	}
	if err := tx.createParents(account, to); err != nil {
		return err
	}
	for _, m := range names { // in their order, so that a/b/b can become a/b
		name, err := canonical(to + m.name[len(from):])
		if err != nil {
			return err
		}
		if other, err := tx.mailboxNamed(account, name); err != nil || other != 0 {
			return orExists(err, name)
		}
		if err := tx.do("update mailbox set name = $1 where id = $2", name, m.id); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) emptyInbox(account AccountID, to string) error {
	inbox, err := tx.mailboxNamed(account, Inbox)
	if err != nil {
		return err
	}
	dest, err := tx.CreateMailbox(account, to, "")
	if err != nil {
		return err
	}
	all, err := listUIDs(&tx.ReadTx, inbox, 0)
	if err != nil {
		return err
	}
	_, err = tx.move(inbox, all, dest)
	return err
}

// Subscribe adds a name to the account's subscriptions, whether or not there
// is a mailbox, or takes it off them.
func (s *Store) Subscribe(ctx context.Context, account AccountID, name string, on bool) error {
	return s.edit(ctx, 1, func(tx *Tx) error { return tx.Subscribe(account, name, on) })
}

// Subscribe is what Store.Subscribe does, as part of an op.
func (tx *Tx) Subscribe(account AccountID, name string, on bool) error {
	name, err := canonical(name)
	if err != nil {
		return err
	}
	if !on {
		return tx.do("delete from subscription where account = $1 and name = $2", account, name)
	}
	var n int
	if _, err := tx.Get("select count(*) from subscription where account = $1", []any{account}, &n); err != nil {
		return err
	}
	if n >= MaxMailboxes {
		return fmt.Errorf("account %d has %d subscriptions: %w", account, n, ErrTooMany)
	}
	return tx.do("insert into subscription (account, name) values ($1, $2) on conflict do nothing", account, name)
}
