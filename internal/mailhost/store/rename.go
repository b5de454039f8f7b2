package store

import (
	"context"
	"fmt"
)

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
