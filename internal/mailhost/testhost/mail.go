package testhost

import (
	"context"
	"io"
	"strings"
	"time"

	"postern/internal/mailhost/store"
)

// Inbox is where mail to an address goes.
func (h *Host) Inbox(address string) store.MailboxID {
	h.T.Helper()
	to, err := h.Directory.Resolve(context.Background(), address)
	h.Must(err)
	return to.Inbox
}

// Deliver puts a message into a mailbox of whoever has the address.
func (h *Host) Deliver(ctx context.Context, address, mailbox, message string, date time.Time) (store.Placed, error) {
	to, err := h.Directory.Resolve(ctx, address)
	if err != nil {
		return store.Placed{}, err
	}
	m, err := h.Store.MailboxByName(ctx, to.Account, mailbox)
	if err != nil {
		return store.Placed{}, err
	}
	staging, err := h.Store.Stage(ctx)
	if err != nil {
		return store.Placed{}, err
	}
	defer staging.Discard()
	if _, err := io.Copy(staging, strings.NewReader(message)); err != nil {
		return store.Placed{}, err
	}
	body, err := staging.Finish()
	if err != nil {
		return store.Placed{}, err
	}
	defer body.Discard()
	placed, err := h.Store.Deliver(ctx, store.Bulk, body, []store.Delivery{{Mailbox: m.ID, Date: date}})
	if err != nil {
		return store.Placed{}, err
	}
	return placed[0], nil
}

// Messages is what is in an INBOX, byte for byte.
func (h *Host) Messages(address string) []string {
	h.T.Helper()
	ctx := context.Background()
	view, err := h.Store.Select(ctx, h.Inbox(address), true)
	h.Must(err)
	defer view.Close()
	var uids []store.UID
	for _, e := range view.Snapshot().All() {
		uids = append(uids, e.UID)
	}
	var all []string
	for m, err := range view.Messages(ctx, uids, 0) {
		h.Must(err)
		body, err := h.Store.OpenBody(ctx, m.ID)
		h.Must(err)
		text, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
		h.Must(err)
		h.Must(body.Close())
		all = append(all, string(text))
	}
	return all
}
