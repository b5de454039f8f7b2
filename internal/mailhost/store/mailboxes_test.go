package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"postern/internal/mailhost/store"
)

func names(t *testing.T, s *store.Store, account store.AccountID) []string {
	t.Helper()
	boxes, err := s.Mailboxes(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range boxes {
		all = append(all, m.Name)
	}
	return all
}

// TestMailboxNames does one thing after the other to one account; after each,
// the mailboxes are the ones listed.
func TestMailboxNames(t *testing.T) {
	s := open(t, store.Options{})
	account, _ := newAccount(t, s, "INBOX")
	create := func(name string) error {
		_, err := s.CreateMailbox(t.Context(), account, name, "")
		return err
	}
	rename := func(from, to string) error { return s.RenameMailbox(t.Context(), account, from, to) }
	remove := func(name string) error { return s.DeleteMailbox(t.Context(), account, name) }
	for _, c := range []struct {
		what string
		do   func() error
		want error
		then string
	}{
		{"create with parents", func() error { return create("a/b/c") }, nil, "INBOX a a/b a/b/c"},
		{"create a parent with a separator at the end", func() error { return create("d/") }, nil, "INBOX a a/b a/b/c d"},
		{"create again", func() error { return create("a/b") }, store.ErrMailboxExists, "INBOX a a/b a/b/c d"},
		{"create inbox", func() error { return create("inbox") }, store.ErrMailboxExists, "INBOX a a/b a/b/c d"},
		{"create below inbox", func() error { return create("Inbox/x") }, nil, "INBOX INBOX/x a a/b a/b/c d"},
		{"empty name", func() error { return create("") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"only a separator", func() error { return create("/") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"empty level", func() error { return create("a//b") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"level before the root", func() error { return create("/a") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"dot dot", func() error { return create("a/../b") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"NUL", func() error { return create("a\x00") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"line break", func() error { return create("a\r\nb") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"wildcard", func() error { return create("a*") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"not UTF-8", func() error { return create("a\xff") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"too long", func() error { return create(strings.Repeat("x", 1001)) }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"too deep", func() error { return create(strings.Repeat("x/", 50) + "x") }, store.ErrBadName, "INBOX INBOX/x a a/b a/b/c d"},
		{"rename with what is below", func() error { return rename("a", "e/f") }, nil, "INBOX INBOX/x d e e/f e/f/b e/f/b/c"},
		{"rename what is not there", func() error { return rename("a", "g") }, store.ErrNoMailbox, "INBOX INBOX/x d e e/f e/f/b e/f/b/c"},
		{"rename to what is there", func() error { return rename("d", "e/f") }, store.ErrMailboxExists, "INBOX INBOX/x d e e/f e/f/b e/f/b/c"},
		{"rename below itself", func() error { return rename("e", "e/f/g") }, store.ErrBadName, "INBOX INBOX/x d e e/f e/f/b e/f/b/c"},
		{"delete leaves what is below", func() error { return remove("e/f") }, nil, "INBOX INBOX/x d e e/f/b e/f/b/c"},
		{"delete what is only a level", func() error { return remove("e/f") }, store.ErrNoMailbox, "INBOX INBOX/x d e e/f/b e/f/b/c"},
		{"rename what is only a level", func() error { return rename("e/f", "a") }, nil, "INBOX INBOX/x a/b a/b/c d e"},
		{"rename into its own parent's place", func() error { return rename("a/b", "a") }, nil, "INBOX INBOX/x a a/c d e"},
		{"delete INBOX", func() error { return remove("iNBOX") }, store.ErrInbox, "INBOX INBOX/x a a/c d e"},
		{"rename INBOX", func() error { return rename("INBOX", "old/mail") }, nil, "INBOX INBOX/x a a/c d e old old/mail"},
		{"rename INBOX to what is there", func() error { return rename("INBOX", "d") }, store.ErrMailboxExists, "INBOX INBOX/x a a/c d e old old/mail"},
		{"one name in two forms", func() error { return create("Cafe\u0301") }, nil, "INBOX Café INBOX/x a a/c d e old old/mail"},
		{"the other form", func() error { return create("Caf\u00e9") }, store.ErrMailboxExists, "INBOX Café INBOX/x a a/c d e old old/mail"},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
		if got := strings.Join(names(t, s, account), " "); got != c.then {
			t.Errorf("%s: mailboxes are %s, want %s", c.what, got, c.then)
		}
	}
}

func TestRenamedInboxGivesItsMailAway(t *testing.T) {
	s := open(t, store.Options{})
	account, boxes := newAccount(t, s, "INBOX")
	placed := deliver(t, s, boxes[0], testMessage(1, 100))
	if err := s.RenameMailbox(t.Context(), account, "INBOX", "old"); err != nil {
		t.Fatal(err)
	}
	old, err := s.MailboxByName(t.Context(), account, "old")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[store.MailboxID]int{boxes[0]: 0, old.ID: 1} {
		if st, err := s.MailboxStatus(t.Context(), id); err != nil || st.Messages != want {
			t.Errorf("%s has %d messages, want %d (%v)", st.Name, st.Messages, want, err)
		}
	}
	for m, err := range selectMailbox(t, s, old.ID).Messages(t.Context(), []store.UID{1}, 0) {
		if err != nil || m.ID != placed.Message {
			t.Errorf("the moved message has id %d, had %d (%v)", m.ID, placed.Message, err)
		}
	}
}

func TestRenameKeepsIdentityAndDeleteDoesNot(t *testing.T) {
	s := open(t, store.Options{})
	account, boxes := newAccount(t, s, "a")
	before, err := s.Mailbox(t.Context(), boxes[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RenameMailbox(t.Context(), account, "a", "b"); err != nil {
		t.Fatal(err)
	}
	renamed, err := s.MailboxByName(t.Context(), account, "b")
	if err != nil || renamed.ID != before.ID || renamed.UIDValidity != before.UIDValidity {
		t.Errorf("after renaming it is %+v, was %+v (%v)", renamed, before, err)
	}
	if err := s.DeleteMailbox(t.Context(), account, "b"); err != nil {
		t.Fatal(err)
	}
	again, err := s.CreateMailbox(t.Context(), account, "b", "")
	if err != nil || again.ID == before.ID || again.UIDValidity <= before.UIDValidity {
		t.Errorf("made again it is %+v, was %+v (%v)", again, before, err)
	}
}

func TestSpecialUseIsUnique(t *testing.T) {
	s := open(t, store.Options{})
	account, _ := newAccount(t, s, "INBOX")
	if m, err := s.CreateMailbox(t.Context(), account, "Gesendet", store.Sent); err != nil || m.SpecialUse != store.Sent {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := s.CreateMailbox(t.Context(), account, "Sent", store.Sent); !errors.Is(err, store.ErrSpecialUse) {
		t.Errorf("a second mailbox for sent mail: %v", err)
	}
}

func TestSubscriptionsOutliveMailboxes(t *testing.T) {
	s := open(t, store.Options{})
	account, _ := newAccount(t, s, "INBOX", "a")
	for _, name := range []string{"a", "nowhere", "a"} {
		if err := s.Subscribe(t.Context(), account, name, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteMailbox(t.Context(), account, "a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Subscribe(t.Context(), account, "nowhere", false); err != nil {
		t.Fatal(err)
	}
	got, err := s.Subscriptions(t.Context(), account)
	if err != nil || !slices.Equal(got, []string{"a"}) {
		t.Errorf("subscriptions are %q, %v", got, err)
	}
	if m, err := s.CreateMailbox(t.Context(), account, "a", ""); err != nil || !m.Subscribed {
		t.Errorf("made again it is %+v, %v", m, err)
	}
}

func TestKeywordsAreLimited(t *testing.T) {
	s := open(t, store.Options{})
	_, boxes := newAccount(t, s, "INBOX", "Other")
	deliver(t, s, boxes[0], testMessage(1, 100))
	add := func(name string) error {
		_, err := s.SetFlags(t.Context(), boxes[0], []store.UID{1}, store.FlagChange{Keywords: []string{name}})
		return err
	}
	for i := range store.MaxKeywords {
		if err := add(fmt.Sprintf("k%d", i)); err != nil {
			t.Fatalf("keyword %d: %v", i, err)
		}
	}
	if err := add("one-more"); !errors.Is(err, store.ErrKeywords) {
		t.Errorf("one keyword more: %v", err)
	}
	if err := add("K7"); err != nil {
		t.Errorf("one that is there, in capitals: %v", err)
	}
	if err := add(""); err == nil {
		t.Error("the empty keyword is one")
	}
	v := selectMailbox(t, s, boxes[0])
	if f := v.Snapshot().At(1).Flags; f != ^store.SystemFlags {
		t.Errorf("flags are %b", f)
	}
	// The other mailbox has names of its own; a copy takes them along.
	if _, err := s.Copy(t.Context(), boxes[0], []store.UID{1}, boxes[1]); err != nil {
		t.Fatal(err)
	}
	other := selectMailbox(t, s, boxes[1])
	if got := joinFlags(other.Snapshot().At(1).Flags, other.Keywords()); got != joinFlags(^store.SystemFlags, v.Keywords()) {
		t.Errorf("the copy has %s", got)
	}
}

func TestCopyToAnotherAccountIsRefused(t *testing.T) {
	s := open(t, store.Options{})
	_, a := newAccount(t, s, "INBOX")
	_, b := newAccount(t, s, "INBOX")
	deliver(t, s, a[0], testMessage(1, 100))
	if _, err := s.Copy(t.Context(), a[0], []store.UID{1}, b[0]); !errors.Is(err, store.ErrNoMailbox) {
		t.Errorf("copying into another account: %v", err)
	}
}

func TestRecentGoesToTheFirst(t *testing.T) {
	s := open(t, store.Options{})
	_, boxes := newAccount(t, s, "INBOX")
	deliver(t, s, boxes[0], testMessage(1, 100))
	recent := func() int {
		st, err := s.MailboxStatus(t.Context(), boxes[0])
		if err != nil {
			t.Fatal(err)
		}
		return st.Recent
	}
	if got := recent(); got != 1 {
		t.Errorf("STATUS says %d recent", got)
	}
	examine, err := s.Select(t.Context(), boxes[0], true)
	if err != nil {
		t.Fatal(err)
	}
	defer examine.Close()
	if examine.RecentCount() != 1 || recent() != 1 {
		t.Errorf("EXAMINE shows %d and leaves %d", examine.RecentCount(), recent())
	}
	first, second := selectMailbox(t, s, boxes[0]), selectMailbox(t, s, boxes[0])
	if first.RecentCount() != 1 || second.RecentCount() != 0 || recent() != 0 {
		t.Errorf("first has %d, second %d, STATUS says %d", first.RecentCount(), second.RecentCount(), recent())
	}
	deliver(t, s, boxes[0], testMessage(2, 100))
	for i, v := range []*store.View{second, first} {
		if c, err := v.Advance(false); err != nil || !c.Exists || v.Recent(2) != (i == 0) {
			t.Errorf("view %d: %+v, %v, recent %v", i, c, err, v.Recent(2))
		}
	}
}

// TestModSeqNeverGoesBack removes the mailbox that had the last change and
// starts again.
func TestModSeqNeverGoesBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	account, boxes := newAccount(t, s, "INBOX", "a")
	var last store.ModSeq
	for i := range 5 {
		last = deliver(t, s, boxes[1], testMessage(i, 100)).ModSeq
	}
	if err := s.DeleteMailbox(t.Context(), account, "a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Options{Dir: dir})
	if next := deliver(t, s, boxes[0], testMessage(9, 100)).ModSeq; next <= last {
		t.Errorf("MODSEQ is %d after %d", next, last)
	}
	if b, err := s.CreateMailbox(t.Context(), account, "b", ""); err != nil {
		t.Error(err)
	} else if st, err := s.MailboxStatus(t.Context(), b.ID); err != nil || st.HighestModSeq <= last {
		t.Errorf("HIGHESTMODSEQ of a new mailbox is %d after %d, %v", st.HighestModSeq, last, err)
	}
}
