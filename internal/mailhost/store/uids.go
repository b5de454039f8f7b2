package store

import (
	"context"
	"slices"
)

// slice is how many messages one op changes at most where an op may be cut:
// a long one would keep everybody else waiting.
const slice = 2000

// edit submits an op that changes n messages.
func (s *Store) edit(ctx context.Context, n int, run Op) error {
	return s.submit(ctx, Interactive, &op{run: run, bytes: opBytes + int64(n)*64})
}

// A placement is a message in a mailbox.
type placement struct {
	uid     UID
	message MessageID
	flags   Flags
}

func (tx *Tx) placements(mailbox MailboxID, uids []UID) ([]placement, error) {
	var found []placement
	for r := range ranges(uids) {
		err := tx.each("select uid, message, flags from placement where mailbox = $1 and uid between $2 and $3 order by uid",
			[]any{mailbox, r.first, r.end}, func(rows Rows) error {
				var p placement
				var bits int64
				err := rows.Scan(&p.uid, &p.message, &bits)
				p.flags = Flags(bits)
				found = append(found, p)
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// sorted returns uids in order, each once.
func sorted(uids []UID) []UID {
	if slices.IsSorted(uids) {
		return uids
	}
	uids = slices.Clone(uids)
	slices.Sort(uids)
	return slices.Compact(uids)
}

// ranges yields runs of neighbouring UIDs, with both ends included. uids must
// be in order.
func ranges(uids []UID) func(yield func(uidRange) bool) {
	return func(yield func(uidRange) bool) {
		for i := 0; i < len(uids); {
			r := uidRange{uids[i], uids[i]}
			for i++; i < len(uids) && uids[i] <= r.end+1; i++ {
				r.end = uids[i]
			}
			if !yield(r) {
				return
			}
		}
	}
}
