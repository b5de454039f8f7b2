package popd

import (
	"context"
	"errors"
	"io"
	"strconv"

	"postern/internal/fault"
	"postern/internal/mailhost/store"
)

// maildrop is a mailbox as a session sees it: numbered from 1, and the same
// until the end, whatever else happens to the mailbox.
type maildrop struct {
	store    *store.Store
	view     *store.View
	messages []entry
}

// entry is one message.
type entry struct {
	uid     store.UID
	id      store.MessageID
	size    int64
	deleted bool
}

// openMaildrop looks at a mailbox. It takes no \Recent away from IMAP.
func openMaildrop(ctx context.Context, s *store.Store, id store.MailboxID) (*maildrop, error) {
	view, err := s.Select(ctx, id, true)
	if err != nil {
		return nil, err
	}
	d := &maildrop{store: s, view: view}
	snapshot := view.Snapshot()
	uids := make([]store.UID, 0, snapshot.Len())
	for _, e := range snapshot.All() {
		uids = append(uids, e.UID)
	}
	d.messages = make([]entry, 0, len(uids))
	for m, err := range view.Messages(ctx, uids, 0) {
		if err != nil {
			view.Close()
			return nil, err
		}
		d.messages = append(d.messages, entry{uid: m.UID, id: m.ID, size: m.Size})
	}
	return d, nil
}

func (d *maildrop) close() { d.view.Close() }

// at finds a message by its number.
func (d *maildrop) at(number int) (*entry, error) {
	if number < 1 || number > len(d.messages) {
		return nil, &fault.Error{Op: "find", Object: "message " + strconv.Itoa(number), Client: "there is no such message"}
	}
	e := &d.messages[number-1]
	if e.deleted {
		return nil, &fault.Error{Op: "find", Object: "message " + strconv.Itoa(number), Client: "that message is deleted; RSET brings it back"}
	}
	return e, nil
}

// totals counts what is not deleted.
func (d *maildrop) totals() (messages int, octets int64) {
	for _, e := range d.messages {
		if !e.deleted {
			messages++
			octets += e.size
		}
	}
	return messages, octets
}

// reset takes all marks off.
func (d *maildrop) reset() {
	for i := range d.messages {
		d.messages[i].deleted = false
	}
}

// update removes what is marked.
func (d *maildrop) update(ctx context.Context) error {
	var uids []store.UID
	for _, e := range d.messages {
		if e.deleted {
			uids = append(uids, e.uid)
		}
	}
	if len(uids) == 0 {
		return nil
	}
	_, err := d.store.Expunge(ctx, d.view.Mailbox().ID, uids, false)
	return err
}

// uniqueIDs gives each message its name for ever (RFC 1939 §7): the name of
// the message itself, which stays when it is moved away and back. A mailbox
// can hold a message twice; the second one is told apart by its UID.
func (d *maildrop) uniqueIDs() []string {
	seen := make(map[store.MessageID]bool, len(d.messages))
	names := make([]string, len(d.messages))
	for i, e := range d.messages {
		names[i] = "M" + strconv.FormatInt(int64(e.id), 10)
		if seen[e.id] {
			names[i] += "." + strconv.FormatUint(uint64(e.uid), 10)
		}
		seen[e.id] = true
	}
	return names
}

// open opens the bytes of a message.
func (d *maildrop) open(ctx context.Context, e *entry) (*body, error) {
	r, err := d.store.OpenBody(ctx, e.id)
	if errors.Is(err, store.ErrNoMessage) {
		return nil, &fault.Error{Op: "read", Object: "message", Err: err, Client: "that message was removed by another program"}
	}
	if err != nil {
		return nil, err
	}
	return &body{io.NewSectionReader(r, 0, r.Size()), r}, nil
}

// body is a message's bytes in order.
type body struct {
	io.Reader
	io.Closer
}
