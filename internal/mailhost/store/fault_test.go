package store_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"postern/internal/mailhost/store"
	"postern/internal/mailhost/store/powercut"
)

// script is a day in the life of an account: every kind of op, a message that
// is too large for memory, and several batches.
var script = []step{
	deliverStep("INBOX", testMessage(1, 700), ""),
	deliverStep("INBOX", testMessage(2, 5000), `\Seen Work`),
	flagsStep("INBOX", []store.UID{1, 2}, store.AddFlags, `\Flagged Later`),
	deliverStep("INBOX", testMessage(3, 150<<10), ""),
	copyStep("INBOX", []store.UID{1, 2, 3}, "Other", false),
	createStep("New"),
	copyStep("Other", []store.UID{2, 3}, "New", true),
	flagsStep("INBOX", []store.UID{2}, store.ReplaceFlags, `\Deleted`),
	expungeStep("INBOX", nil, true),
	deleteStep("Other"),
	sweepStep(),
	deliverStep("INBOX", testMessage(4, 900), ""),
}

// second is what happens after the store was closed and opened again.
var second = []step{
	deliverStep("INBOX", testMessage(5, 200<<10), `\Deleted`),
	expungeStep("INBOX", nil, true),
	sweepStep(),
	flagsStep("INBOX", []store.UID{1}, store.ReplaceFlags, `Work`),
}

func sweepStep() step {
	return step{
		name:  "sweep",
		model: func(*model) string { return "" },
		store: func(w *world) (string, error) { return "", w.s.Sweep(context.Background()) },
	}
}

// possible are the states that a store may be in: those in which every op that
// was acknowledged was done, and every other one was done or was not.
type possible []*model

// acked goes on with those states in which an op has this result.
func (p possible) acked(st step, result string) (next possible) {
	for _, m := range p {
		if m = m.clone(); st.model(m) == result {
			next = append(next, m)
		}
	}
	return next
}

// failed goes on with both outcomes.
func (p possible) failed(st step) (next possible) {
	for _, m := range p {
		next = append(next, m)
		m = m.clone()
		if _, ok := try(st, m); ok {
			next = append(next, m)
		}
	}
	return next
}

// try is st.model where it can be done at all.
func try(st step, m *model) (result string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false // it needs a mailbox that an op that failed would have made
		}
	}()
	return st.model(m), true
}

func (p possible) has(m *model) bool {
	for _, q := range p {
		if q.String() == m.String() {
			return true
		}
	}
	return false
}

// openWorld opens a store in dir and the one account in it, if it is there.
func openWorld(dir string, d *powercut.Disk) (*world, error) {
	opt := store.Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Keep: time.Microsecond}
	if d != nil {
		vfs, err := d.VFS()
		if err != nil {
			return nil, err
		}
		opt.FS, opt.VFS = d.FS(), vfs
	}
	s, err := store.Open(context.Background(), opt)
	if err != nil {
		return nil, err
	}
	w := &world{s: s}
	err = s.Read(context.Background(), func(tx *store.ReadTx) error {
		_, err := tx.Get("select id from account", nil, &w.account)
		return err
	})
	if err != nil {
		s.Close()
		return nil, err
	}
	return w, nil
}

// found makes the account with mailboxes of these names, if it is not there.
func (w *world) found(names ...string) error {
	if w.account != 0 {
		return nil
	}
	return w.s.Apply(context.Background(), store.Interactive, func(tx *store.Tx) (err error) {
		if w.account, err = tx.NewAccount(); err != nil {
			return err
		}
		for _, name := range names {
			if _, err := tx.CreateMailbox(w.account, name, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// play does the script, as far as the mailboxes it needs are there.
func (w *world) play(states possible, script []step) possible {
	for _, st := range script {
		result, err := st.store(w)
		if err != nil {
			states = states.failed(st)
		} else {
			states = states.acked(st, result)
		}
	}
	return states
}

// TestFailingOperationThenPowerCut lets file operations fail, SQLite's
// included: each of them in a long run, a quarter of them in a short one. What was
// acknowledged must be there when the process has lived on, when it has been
// started again, and when the power was cut right after; and the store must
// work again by itself.
func TestFailingOperationThenPowerCut(t *testing.T) {
	all := os.Getenv("POSTERN_CHAOS") != ""
	kinds := map[string]int{}
	for n := 1; ; n++ {
		if !all && rand.IntN(4) != 0 {
			continue
		}
		failed := failOne(t, n)
		if t.Failed() {
			t.Fatalf("that was operation %d: %s", n, failed)
		}
		if failed == "" {
			t.Logf("of %d operations these failed in turn: %v", n-1, kinds)
			break
		}
		kinds[failed]++
	}
	for _, must := range []string{"sync mail.db-wal", "write mail.db-wal", "sync mail.db", "sync 000000000001.pack", "remove 000000000003.pack"} {
		if all && kinds[must] == 0 {
			t.Errorf("the script never came to: %s", must)
		}
	}
	if len(kinds) == 0 {
		t.Error("nothing failed")
	}
}

// failOne lets the nth operation fail and says which it was; "" if there were
// not so many.
func failOne(t *testing.T, n int) string {
	dir := t.TempDir()
	d := powercut.New(dir)
	defer d.Close()
	rnd := rand.New(rand.NewPCG(uint64(n), 7))
	cut := func(states possible) {
		for luck := range powercut.Lucks {
			checkCut(t, d, luck, rnd, states)
		}
	}

	d.FailAfter(n)
	w := openAgain(t, dir, d)
	states := w.play(possible{newModel("INBOX", "Other")}, script)
	cut(states)
	if err := w.s.Close(); err != nil && d.Failed() == "" {
		t.Errorf("close: %v", err)
	}
	w = openAgain(t, dir, d)
	states = w.play(states, second)
	cut(states)
	failed := d.Failed()
	d.FailAfter(0)

	states = w.settle(t, states)
	check(t, "lived on", w, states)
	if err := w.s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	w = openAgain(t, dir, d)
	check(t, "started again", w, states)
	if err := w.s.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	cut(states)
	return failed
}

// openAgain opens a store that has an account. If that fails, because an
// operation did, it must succeed the next time.
func openAgain(t *testing.T, dir string, d *powercut.Disk) *world {
	t.Helper()
	for {
		before := d.Failed()
		w, err := openWorld(dir, d)
		if err == nil {
			if err = w.found("INBOX", "Other"); err == nil {
				return w
			}
			w.s.Close()
		}
		if d.Failed() == before {
			t.Fatalf("open: %v", err)
		}
	}
}

// settle waits until the store works again and has delivered one more.
func (w *world) settle(t *testing.T, states possible) possible {
	t.Helper()
	last := deliverStep("INBOX", testMessage(99, 100), "")
	deadline := time.Now().Add(10 * time.Second)
	for {
		result, err := last.store(w)
		if err == nil {
			return states.acked(last, result)
		}
		states = states.failed(last)
		if time.Now().After(deadline) {
			t.Fatalf("the store does not work again: %v", err)
		}
	}
}

func check(t *testing.T, when string, w *world, states possible) {
	t.Helper()
	m, err := observe(w)
	if err != nil {
		t.Errorf("%s: %v", when, err)
	} else if !states.has(m) {
		t.Errorf("%s: the store holds\n%swhich is none of %d possible states, the first of which is\n%s",
			when, m, len(states), states[:min(1, len(states))])
	}
	if wrong := miscounted(w.s); wrong != "" {
		t.Errorf("%s: %s", when, wrong)
	}
}

// checkCut opens what a power cut leaves.
func checkCut(t *testing.T, d *powercut.Disk, luck powercut.Luck, rnd *rand.Rand, states possible) {
	t.Helper()
	dir := t.TempDir()
	if err := d.Cut(dir, luck, rnd); err != nil {
		t.Fatal(err)
	}
	w, err := openWorld(dir, nil)
	if err != nil {
		t.Errorf("after a power cut (luck %d): %v", luck, err)
		return
	}
	check(t, fmt.Sprintf("after a power cut (luck %d)", luck), w, states)
	if err := w.s.Close(); err != nil {
		t.Error(err)
	}
}
