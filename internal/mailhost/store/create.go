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
