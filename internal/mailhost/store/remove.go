package store

import (
	"context"
	"fmt"
)

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
