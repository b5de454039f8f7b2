package imapd

import (
	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// messages finds the messages of a set in the selected mailbox, as ascending
// UIDs. UIDs that are not there are left out; a sequence number that is not
// there is the client's mistake (RFC 3501 §9, seq-number).
func (s *session) messages(set imap.SeqSet, byUID bool) ([]store.UID, error) {
	snapshot := s.view.Snapshot()
	var uids []store.UID
	if byUID {
		for _, r := range set.Resolve(uint32(snapshot.Last())) {
			first := snapshot.Ceil(store.UID(r.Start))
			for _, e := range snapshot.Range(first, uint32(snapshot.Len())) {
				if e.UID > store.UID(r.Stop) {
					break
				}
				uids = append(uids, e.UID)
			}
		}
		return uids, nil
	}
	for _, r := range set.Resolve(uint32(snapshot.Len())) {
		if r.Stop > uint32(snapshot.Len()) {
			return nil, bad("there is no message with that sequence number")
		}
		for _, e := range snapshot.Range(r.Start, r.Stop) {
			uids = append(uids, e.UID)
		}
	}
	return uids, nil
}

// numbers turns the store's UIDs into plain ones, for printing.
func numbers(uids []store.UID) []uint32 {
	plain := make([]uint32, len(uids))
	for i, uid := range uids {
		plain[i] = uint32(uid)
	}
	return plain
}
