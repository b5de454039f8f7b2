package store

import (
	"context"
	"slices"
)

// SetFlags changes the flags of those of the messages that are there, and
// returns those whose flags are different now, in order of their UIDs.
func (s *Store) SetFlags(ctx context.Context, mailbox MailboxID, uids []UID, c FlagChange) ([]Entry, error) {
	var all []Entry
	for part := range slices.Chunk(sorted(uids), slice) {
		var changed []Entry
		err := s.edit(ctx, len(part), func(tx *Tx) (err error) {
			changed, err = tx.setFlags(mailbox, part, c)
			return err
		})
		all = append(all, changed...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (tx *Tx) setFlags(mailbox MailboxID, uids []UID, c FlagChange) ([]Entry, error) {
	mb, err := tx.ledger.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	flags, err := tx.flags(mb, c.Flags, c.Keywords, c.Mode != RemoveFlags)
	if err != nil {
		return nil, err
	}
	keep, set := c.Mode.masks(flags)
	m := tx.modseq(mb.account)
	var changed []Entry
	for r := range ranges(uids) {
		err := tx.each(`update placement set flags = (flags & $1) | $2, modseq = $3
			where mailbox = $4 and uid between $5 and $6 and flags <> ((flags & $1) | $2)
			returning uid, flags`,
			[]any{int64(keep), int64(set), m, mailbox, r.first, r.end}, func(rows Rows) error {
				e := Entry{ModSeq: m}
				var bits int64
				err := rows.Scan(&e.UID, &bits)
				e.Flags = Flags(bits)
				changed = append(changed, e)
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	if changed != nil {
		slices.SortFunc(changed, byUID) // RETURNING promises no order
		ch := tx.change(mb)
		ch.placed = append(ch.placed, changed...)
	}
	return changed, nil
}

func byUID(a, b Entry) int { return int(int64(a.UID) - int64(b.UID)) }
