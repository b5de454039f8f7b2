package store

import (
	"context"
	"slices"
)

// A View is a mailbox as one session sees it: messages keep their sequence
// numbers until the session may be told of EXPUNGE (RFC 9051 §7.5.1). Its
// methods are for one goroutine, but for what is said of OnChange.
type View struct {
	s        *Store
	sh       *shared
	mailbox  Mailbox
	readOnly bool

	shown    *Snapshot
	told     ModSeq // every EXPUNGE up to it was told
	keywords []string
	uidnext  UID
	recent   []uidRange // ascending
	notify   func()     // of sh.mu
}

// A uidRange is the UIDs from first to before end.
type uidRange struct{ first, end UID }

// Select opens a mailbox. A view that is not read-only takes the \Recent
// messages for its own.
func (s *Store) Select(ctx context.Context, id MailboxID, readOnly bool) (*View, error) {
	mb, err := s.Mailbox(ctx, id)
	if err != nil {
		return nil, err
	}
	sh, err := s.hub.join(ctx, id)
	if err != nil {
		return nil, err
	}
	v := &View{s: s, sh: sh, mailbox: mb, readOnly: readOnly}
	sh.mu.Lock()
	sh.views[v] = struct{}{}
	v.shown, v.keywords, v.uidnext = sh.snapshot, sh.keywords, sh.uidnext
	v.told = v.shown.modseq
	v.claim()
	sh.mu.Unlock()
	s.hub.saveRecent(sh)
	return v, nil
}

// claim takes the messages that are nobody's \Recent yet; a read-only view
// only borrows them. It is called with sh.mu held.
func (v *View) claim() {
	switch n := len(v.recent); {
	case v.readOnly && n == 0:
		v.recent = []uidRange{{v.sh.recent, ^UID(0)}}
	case v.readOnly || v.sh.recent >= v.sh.uidnext:
	case n > 0 && v.recent[n-1].end == v.sh.recent:
		v.recent[n-1].end = v.sh.uidnext
	default:
		v.recent = append(v.recent, uidRange{v.sh.recent, v.sh.uidnext})
	}
	if !v.readOnly {
		v.sh.recent = max(v.sh.recent, v.sh.uidnext)
	}
}

// Mailbox is the mailbox as it was when it was selected.
func (v *View) Mailbox() Mailbox { return v.mailbox }

// ReadOnly reports whether the view was opened read-only.
func (v *View) ReadOnly() bool { return v.readOnly }

// Snapshot is what the view shows now. Advance replaces it.
func (v *View) Snapshot() *Snapshot { return v.shown }

// UIDNext is the UID that the next message after the snapshot will not be
// below.
func (v *View) UIDNext() UID { return v.uidnext }

// Keywords are the mailbox's keywords in the order of their bits, see Keyword.
// The list only ever grows, and is not to be changed.
func (v *View) Keywords() []string { return v.keywords }

// Recent reports whether a message is \Recent in this view (RFC 3501 §2.3.2).
func (v *View) Recent(uid UID) bool {
	return slices.ContainsFunc(v.recent, func(r uidRange) bool { return r.first <= uid && uid < r.end })
}

// RecentCount is how many messages of the snapshot are \Recent in this view.
func (v *View) RecentCount() int {
	n := 0
	for _, r := range v.recent {
		n += int(v.shown.Ceil(r.end)) - int(v.shown.Ceil(r.first))
	}
	return n
}

// OnChange sets what is called when the mailbox may have changed; nil is
// nothing. It is called from another goroutine, never after Close, and must
// not wait nor call the View.
func (v *View) OnChange(f func()) {
	v.sh.mu.Lock()
	defer v.sh.mu.Unlock()
	v.notify = f
}

// Changes says what Advance changed, in the order in which IMAP tells it.
type Changes struct {
	// Expunged are sequence numbers, each as it is after the ones before it
	// were removed: highest first.
	Expunged []uint32
	// Exists is whether messages came.
	Exists bool
	// Keywords is whether the list of keywords grew.
	Keywords bool
	// Flags are the messages, by sequence number after Expunged, that were
	// there before and whose flags were changed.
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
func (v *View) Advance(mayExpunge bool) (Changes, error) {
	v.sh.mu.Lock()
	latest, keywords, gone := v.sh.snapshot, v.sh.keywords, v.sh.gone
	v.uidnext = v.sh.uidnext
	v.claim()
	v.sh.mu.Unlock()
	if gone {
		return Changes{}, ErrNoMailbox
	}
	next := latest
	if !mayExpunge {
		next = latest.keeping(v.shown)
	}
	d := diff(v.shown, next)
	slices.Reverse(d.expunged)
	c := Changes{Expunged: d.expunged, Exists: d.added > 0, Keywords: len(keywords) > len(v.keywords), Flags: d.flags}
	v.sh.mu.Lock()
	v.shown = next
	v.sh.mu.Unlock()
	v.keywords = keywords
	if mayExpunge {
		v.told = latest.modseq
	}
	return c, nil
}

// keeping returns s with the messages of before that s has no more.
func (s *Snapshot) keeping(before *Snapshot) *Snapshot {
	var ghosts []Entry
	for _, seq := range diff(before, s).expunged {
		ghosts = append(ghosts, before.At(seq))
	}
	if ghosts == nil {
		return s
	}
	return s.merge(ghosts, nil)
}

// Close ends the view.
func (v *View) Close() {
	v.sh.mu.Lock()
	delete(v.sh.views, v)
	v.notify = nil
	v.sh.mu.Unlock()
	v.s.hub.saveRecent(v.sh)
	v.s.hub.leave(v.sh)
}
