package store

import (
	"context"
	"slices"
)

// Expunge removes those of the messages that are there, with onlyDeleted only
// those that have \Deleted; nil uids stand for all. It returns what it removed.
func (s *Store) Expunge(ctx context.Context, mailbox MailboxID, uids []UID, onlyDeleted bool) ([]UID, error) {
	if uids == nil {
		var must Flags
		if onlyDeleted {
			must = Deleted
		}
		err := s.Read(ctx, func(tx *ReadTx) (err error) {
			uids, err = listUIDs(tx, mailbox, must)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var all []UID
	for part := range slices.Chunk(sorted(uids), slice) {
		var gone []UID
		err := s.edit(ctx, len(part), func(tx *Tx) (err error) {
			gone, err = tx.expunge(mailbox, part, onlyDeleted)
			return err
		})
		if err != nil {
			return all, err
		}
		all = append(all, gone...)
	}
	return all, nil
}

// listUIDs lists the messages of a mailbox that have all of some flags.
func listUIDs(tx *ReadTx, mailbox MailboxID, must Flags) (uids []UID, err error) {
	err = tx.each("select uid from placement where mailbox = $1 and flags & $2 = $2 order by uid",
		[]any{mailbox, int64(must)}, func(r Rows) error {
			var uid UID
			err := r.Scan(&uid)
			uids = append(uids, uid)
			return err
		})
	return uids, err
}

func (tx *Tx) expunge(mailbox MailboxID, uids []UID, onlyDeleted bool) ([]UID, error) {
	mb, err := tx.ledger.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	found, err := tx.placements(mailbox, uids)
	if err != nil {
		return nil, err
	}
	var gone []UID
	for _, p := range found {
		if onlyDeleted && p.flags&Deleted == 0 {
			continue
		}
		if err := tx.do("delete from placement where mailbox = $1 and uid = $2", mailbox, p.uid); err != nil {
			return nil, err
		}
		err := tx.do("insert into expunged (mailbox, modseq, uid, message, until) values ($1, $2, $3, $4, $5)",
			mailbox, tx.modseq(mb.account), p.uid, p.message, tx.now+tx.keep)
		if err != nil {
			return nil, err
		}
		gone = append(gone, p.uid)
	}
	if gone != nil {
		ch := tx.change(mb)
		ch.expunged = append(ch.expunged, gone...)
	}
	return gone, nil
}
