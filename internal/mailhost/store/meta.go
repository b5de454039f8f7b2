package store

import (
	"context"
	"iter"
	"time"

	"postern/internal/wire/message"
)

// Want says what of a message's Meta is read beyond its numbers.
type Want int

// What can be wanted.
const (
	WantEnvelope Want = 1 << iota
	WantStructure
	WantSignature
)

// Meta is what the store knows of a message.
type Meta struct {
	UID      UID
	ID       MessageID
	Size     int64
	Date     time.Time // INTERNALDATE
	SaveDate time.Time // when it came into this mailbox (RFC 8514); zero for an expunged one

	Envelope  *message.Envelope // with WantEnvelope
	Structure *message.Part     // with WantStructure; its own Envelope only if that is wanted too
	Signature []byte            // with WantSignature
}

// At most so many messages, and about so many bytes of rows, are held while
// the caller of Messages works on them.
const (
	metaMessages = 256
	metaBytes    = 1 << 20
)

// Messages yields what is known of the messages with these UIDs (ascending),
// also of those that are expunged and still in the snapshot. UIDs that the
// snapshot doesn't have are left out. An error ends the sequence. No
// transaction is open while the loop's body runs.
func (v *View) Messages(ctx context.Context, uids []UID, want Want) iter.Seq2[Meta, error] {
	return func(yield func(Meta, error) bool) {
		for left := v.shownOf(uids); len(left) > 0; {
			var r metaReader
			err := v.s.Read(ctx, func(tx *ReadTx) error {
				r = metaReader{tx: tx, mailbox: v.mailbox.ID, want: want, since: v.told}
				return r.read(v.shown, left)
			})
			if err != nil {
				yield(Meta{}, err)
				return
			}
			for _, row := range r.found {
				m, err := row.decode()
				if !yield(m, err) || err != nil {
					return
				}
			}
			left = left[r.done:]
		}
	}
}

// shownOf returns those of the UIDs that the snapshot has.
func (v *View) shownOf(uids []UID) []UID {
	var have []UID
	for _, u := range uids {
		if _, ok := v.shown.SeqOf(u); ok {
			have = append(have, u)
		}
	}
	return have
}

// A metaReader reads one portion of Metas.
type metaReader struct {
	tx      *ReadTx
	mailbox MailboxID
	want    Want
	since   ModSeq // what is expunged and still shown was so after it
	found   []metaRow
	bytes   int
	done    int // how many of the UIDs it has dealt with
}

// A metaRow is a Meta whose envelope and structure are still as they are
// stored: decoded, they can be many times larger, and a portion of them waits
// while the caller works on the first.
type metaRow struct {
	Meta
	want                Want
	envelope, structure []byte
}

// read looks for messages until all are found or the portion is full.
func (r *metaReader) read(s *Snapshot, uids []UID) error {
	for r.done < len(uids) && len(r.found) < metaMessages && r.bytes < metaBytes {
		if err := r.run(neighbours(s, uids[r.done:])); err != nil {
			return err
		}
	}
	return nil
}

// neighbours returns how many of the UIDs, from the first on, follow one
// another in the snapshot.
func neighbours(s *Snapshot, uids []UID) []UID {
	first, _ := s.SeqOf(uids[0])
	n := 1
	for n < min(len(uids), metaMessages) {
		if seq, _ := s.SeqOf(uids[n]); seq != first+uint32(n) {
			break
		}
		n++
	}
	return uids[:n]
}

// run reads a run of neighbours in one query. Those that are missing there
// are expunged.
func (r *metaReader) run(uids []UID) error {
	rows, err := r.tx.Query(metaQuery(r.want, "p.savedate", "placement p",
		"p.mailbox = $1 and p.uid between $2 and $3 order by p.uid"), r.mailbox, uids[0], uids[len(uids)-1])
	if err != nil {
		return err
	}
	defer rows.Close()
	for r.bytes < metaBytes && rows.Next() {
		m, err := r.scan(rows)
		if err != nil {
			return err
		}
		for len(uids) > 0 && uids[0] < m.UID {
			if err := r.ghost(uids[0]); err != nil {
				return err
			}
			uids = uids[1:]
		}
		r.found = append(r.found, m)
		r.done++
		uids = uids[1:]
	}
	for _, uid := range uids {
		if r.bytes >= metaBytes {
			break
		}
		if err := r.ghost(uid); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ghost reads a message that is no longer there.
func (r *metaReader) ghost(uid UID) error {
	r.done++
	rows, err := r.tx.Query(metaQuery(r.want, "0", "expunged p", "p.mailbox = $1 and p.modseq > $2 and p.uid = $3"),
		r.mailbox, r.since, uid)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	m, err := r.scan(rows)
	if err == nil {
		r.found = append(r.found, m)
	}
	return err
}

// metaQuery is one of a few texts.
func metaQuery(want Want, saveDate, from, where string) string {
	q := "select p.uid, p.message, m.size, m.date, " + saveDate
	for i, column := range []string{", m.envelope", ", m.structure", ", m.signature"} {
		if want&(1<<i) != 0 {
			q += column
		}
	}
	return q + " from " + from + " join message m on m.id = p.message where " + where
}

func (r *metaReader) scan(rows Rows) (metaRow, error) {
	m := metaRow{want: r.want}
	var date, saved int64
	dest := []any{&m.UID, &m.ID, &m.Size, &date, &saved}
	for i, column := range []*[]byte{&m.envelope, &m.structure, &m.Signature} {
		if r.want&(1<<i) != 0 {
			dest = append(dest, column)
		}
	}
	if err := rows.Scan(dest...); err != nil {
		return m, err
	}
	r.bytes += 64 + len(m.envelope) + len(m.structure) + len(m.Signature)
	m.Date = fromMicros(date)
	if saved != 0 {
		m.SaveDate = fromMicros(saved)
	}
	return m, nil
}

// decode completes the row's Meta, which is the caller's and does not keep the
// row.
func (row metaRow) decode() (m Meta, err error) {
	m = row.Meta
	if row.want&WantEnvelope != 0 {
		if m.Envelope, err = message.DecodeEnvelope(row.envelope); err != nil {
			return Meta{}, damagedRow(m.ID, "envelope", err)
		}
	}
	if row.want&WantStructure != 0 {
		if m.Structure, err = message.DecodeTree(row.structure); err != nil {
			return Meta{}, damagedRow(m.ID, "structure", err)
		}
		m.Structure.Envelope = m.Envelope
	}
	return m, nil
}
