package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"postern/internal/mailhost/store"
)

// segments lists the pack segments of a data directory.
func segments(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "pack"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// large is a message that gets a segment of its own.
func large(n int) string { return testMessage(n, 200<<10) }

func TestSweepKeepsForAWhile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir, Keep: time.Hour})
	_, boxes := newAccount(t, s, "INBOX")
	placed := deliver(t, s, boxes[0], large(1))
	if _, err := s.Expunge(t.Context(), boxes[0], nil, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := text(t, s, placed.Message); got != large(1) {
		t.Errorf("an expunged message is not what it was")
	}
}

func TestSweepRemovesWhatNobodyHas(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir, Keep: time.Microsecond})
	account, boxes := newAccount(t, s, "INBOX", "Other")
	one, two := deliver(t, s, boxes[0], large(1)), deliver(t, s, boxes[0], large(2))
	if _, err := s.Copy(t.Context(), boxes[0], []store.UID{two.UID}, boxes[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Expunge(t.Context(), boxes[0], nil, false); err != nil {
		t.Fatal(err)
	}
	sweep := func() {
		t.Helper()
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if _, err := s.OpenBody(t.Context(), one.Message); !errors.Is(err, store.ErrNoMessage) {
		t.Errorf("the message that nobody has: %v", err)
	}
	if got := text(t, s, two.Message); got != large(2) {
		t.Error("the message that was copied is not what it was")
	}
	if got := segments(t, dir); len(got) != 1 {
		t.Errorf("segments are %q, want the one of the message that is left", got)
	}
	if err := s.DeleteMailbox(t.Context(), account, "Other"); err != nil {
		t.Fatal(err)
	}
	sweep()
	if got := segments(t, dir); len(got) != 0 {
		t.Errorf("segments are %q, want none", got)
	}
}

// TestSweepSparesWhatAViewShows covers a session that has not yet been told of
// an EXPUNGE: it can still fetch the message.
func TestSweepSparesWhatAViewShows(t *testing.T) {
	s := open(t, store.Options{Keep: time.Microsecond})
	_, boxes := newAccount(t, s, "INBOX")
	placed := deliver(t, s, boxes[0], large(1))
	v := selectMailbox(t, s, boxes[0])
	if _, err := s.Expunge(t.Context(), boxes[0], nil, false); err != nil {
		t.Fatal(err)
	}
	for _, advance := range []bool{false, true} {
		if advance {
			if c, err := v.Advance(false); err != nil || !c.Empty() {
				t.Fatalf("%+v, %v", c, err)
			}
		}
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := 0
		for m, err := range v.Messages(t.Context(), []store.UID{placed.UID}, store.WantEnvelope) {
			if err != nil {
				t.Fatal(err)
			}
			if m.ID != placed.Message || text(t, s, m.ID) != large(1) {
				t.Errorf("message %d is not what it was", m.ID)
			}
			n++
		}
		if n != 1 {
			t.Errorf("after Advance (%v) the message is gone", advance)
		}
	}
	if c, err := v.Advance(true); err != nil || !slices.Equal(c.Expunged, []uint32{1}) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestOpenBodyPinsItsSegment(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir, Keep: time.Microsecond})
	_, boxes := newAccount(t, s, "INBOX")
	placed := deliver(t, s, boxes[0], large(1))
	body, err := s.OpenBody(t.Context(), placed.Message)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if _, err := s.Expunge(t.Context(), boxes[0], nil, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := segments(t, dir); len(got) != 1 {
		t.Errorf("segments are %q while one is read", got)
	}
	if err := body.Verify(); err != nil {
		t.Errorf("reading on: %v", err)
	}
}

// TestStartRemovesWhatNobodyRefersTo covers what a dead process leaves behind:
// a staged message that was never delivered, and a segment that was pinned.
func TestStartRemovesWhatNobodyRefersTo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	_, boxes := newAccount(t, s, "INBOX")
	placed := deliver(t, s, boxes[0], large(1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	litter := filepath.Join(dir, "pack", "000000000007.pack")
	note := filepath.Join(dir, "pack", "README")
	for _, name := range []string{litter, note} {
		if err := os.WriteFile(name, []byte("PREC"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, store.Options{Dir: dir})
	if got := segments(t, dir); !slices.Equal(got, []string{"000000000001.pack", "README"}) {
		t.Errorf("left are %q", got)
	}
	if got := text(t, s, placed.Message); got != large(1) {
		t.Error("the message is not what it was")
	}
	if next := deliver(t, s, boxes[0], large(2)); text(t, s, next.Message) != large(2) {
		t.Error("the next message is not what it was")
	}
	if got := segments(t, dir); !slices.Contains(got, "000000000008.pack") {
		t.Errorf("segments are %q: a number was given out twice", got)
	}
}
