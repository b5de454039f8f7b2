package store

import (
	"context"
	"iter"
	"time"

	"postern/internal/wire/message"
)

// A View is a mailbox as one session sees it: messages keep their sequence
// numbers until the session may be told of EXPUNGE (RFC 9051 §7.5.1). Its
// methods are for one goroutine, but for what is said of OnChange.
type View struct{}

// Select opens a mailbox. A view that is not read-only takes the \Recent
// messages for its own.
func (s *Store) Select(ctx context.Context, id MailboxID, readOnly bool) (*View, error) {
	return nil, errNotYet
}

// Mailbox is the mailbox as it was when it was selected.
func (v *View) Mailbox() Mailbox { return Mailbox{} }

// ReadOnly reports whether the view was opened read-only.
func (v *View) ReadOnly() bool { return false }

// Snapshot is what the view shows now. Advance replaces it.
func (v *View) Snapshot() *Snapshot { return nil }

// UIDNext is the UID that the next message after the snapshot will not be
// below.
func (v *View) UIDNext() UID { return 0 }

// Keywords are the mailbox's keywords in the order of their bits, see Keyword.
// The list only ever grows.
func (v *View) Keywords() []string { return nil }

// Recent reports whether a message is \Recent in this view (RFC 3501 §2.3.2).
func (v *View) Recent(uid UID) bool { return false }

// RecentCount is how many messages of the snapshot are \Recent in this view.
func (v *View) RecentCount() int { return 0 }

// OnChange sets what is called when the mailbox may have changed; nil is
// nothing. It is called from another goroutine and must not wait nor call
// the View.
func (v *View) OnChange(f func()) {}

// Changes says what Advance changed, in the order in which IMAP tells it.
type Changes struct {
	// Expunged are sequence numbers, each as it is after the ones before it
	// were removed: highest first.
	Expunged []uint32
	// Exists is whether the number of messages grew or \Recent did.
	Exists bool
	// Keywords is whether the list of keywords grew.
	Keywords bool
	// Flags are the messages, by sequence number after Expunged, that were
	// there before and whose flags are different now.
	Flags []uint32
}

// Empty reports whether nothing changed.
func (c Changes) Empty() bool {
	return len(c.Expunged) == 0 && !c.Exists && !c.Keywords && len(c.Flags) == 0
}

// Advance shows what has happened since the last time. Without mayExpunge,
// messages that are gone stay in the snapshot until later. It sees every
// change that was acknowledged before it was called. It fails with
// ErrNoMailbox when the mailbox itself is gone.
func (v *View) Advance(mayExpunge bool) (Changes, error) { return Changes{}, errNotYet }

// Close ends the view.
func (v *View) Close() {}

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
	SaveDate time.Time // when it came into this mailbox (RFC 8514)

	Envelope  *message.Envelope // with WantEnvelope
	Structure *message.Part     // with WantStructure; without its Envelope unless that is wanted too
	Signature []byte            // with WantSignature
}

// Messages yields what is known of the messages with these UIDs (ascending),
// also of those that are expunged and still in the snapshot. UIDs that the
// snapshot doesn't have are left out. An error ends the sequence. No
// transaction is open while the loop's body runs.
func (v *View) Messages(ctx context.Context, uids []UID, want Want) iter.Seq2[Meta, error] {
	return nil
}
