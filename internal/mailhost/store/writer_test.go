package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/store"
	"postern/internal/mailhost/store/powercut"
)

// hold keeps the writer busy until the returned function is called.
func hold(s *store.Store) (release func()) {
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		var once sync.Once
		s.Apply(context.Background(), store.Interactive, func(*store.Tx) error {
			once.Do(func() { close(begun) })
			<-end
			return nil
		})
	}()
	<-begun
	return func() {
		close(end)
		<-done
	}
}

// TestCulpritFailsAlone puts an op that fails among others: they all succeed,
// in a transaction of their own, as if it had not been there.
func TestCulpritFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, store.Options{})
		_, boxes := newAccount(t, s, "INBOX")
		const n, culprit = 10, 4
		runs, errs := make([]int, n), make([]error, n)
		release := hold(s)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				errs[i] = s.Apply(t.Context(), store.Interactive, func(tx *store.Tx) error {
					runs[i]++
					if _, err := tx.Exec("insert into ban (subject, reason, since, until) values ($1, '', 0, 0)", i); err != nil {
						return err
					}
					if i == culprit {
						return io.ErrUnexpectedEOF
					}
					return nil
				})
			})
			synctest.Wait()
		}
		wg.Go(func() { deliver(t, s, boxes[0], testMessage(1, 500)) })
		synctest.Wait()
		release()
		wg.Wait()
		for i := range n {
			want := error(nil)
			if i == culprit {
				want = io.ErrUnexpectedEOF
			}
			if !errors.Is(errs[i], want) {
				t.Errorf("op %d: %v, want %v", i, errs[i], want)
			}
		}
		if want := []int{2, 2, 2, 2, 2, 1, 1, 1, 1, 1}; !slices.Equal(runs, want) {
			t.Errorf("ops ran %v times, want %v", runs, want)
		}
		var rows, bad int
		err := s.Read(t.Context(), func(tx *store.ReadTx) error {
			_, err := tx.Get("select count(*), sum(case when subject = '4' then 1 else 0 end) from ban", nil, &rows, &bad)
			return err
		})
		if err != nil || rows != n-1 || bad != 0 {
			t.Errorf("%d rows, %d of the culprit, %v", rows, bad, err)
		}
		if st, err := s.MailboxStatus(t.Context(), boxes[0]); err != nil || st.Messages != 1 {
			t.Errorf("%d messages, %v", st.Messages, err)
		}
	})
}

func TestInteractiveGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, store.Options{})
		release := hold(s)
		var order []string
		var wg sync.WaitGroup
		for i, lane := range []store.Lane{store.Bulk, store.Interactive, store.Bulk, store.Interactive} {
			wg.Go(func() {
				err := s.Apply(t.Context(), lane, func(*store.Tx) error {
					order = append(order, fmt.Sprint(lane, " ", i))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		release()
		wg.Wait()
		if want := []string{"0 1", "0 3", "1 0", "1 2"}; !slices.Equal(order, want) {
			t.Errorf("ops ran in the order %q, want %q", order, want)
		}
	})
}

// TestWaitingHasAnEnd covers the deadline of an op that waits for its turn. It
// is not run afterwards either.
func TestWaitingHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		metrics := prometheus.NewRegistry()
		s := open(t, store.Options{Wait: 5 * time.Second, Metrics: metrics})
		_, boxes := newAccount(t, s, "INBOX")
		body := stage(t, s, testMessage(1, 500))
		release := hold(s)
		begin := time.Now()
		_, err := s.Deliver(t.Context(), store.Bulk, body, []store.Delivery{{Mailbox: boxes[0]}})
		if waited := time.Since(begin); !errors.Is(err, store.ErrBusy) || waited != 5*time.Second {
			t.Errorf("after %v: %v", waited, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Subscribe(ctx, 1, "a", true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a session that gives up: %v", err)
		}
		release()
		if st, err := s.MailboxStatus(t.Context(), boxes[0]); err != nil || st.Messages != 0 {
			t.Errorf("%d messages of an op that was withdrawn, %v", st.Messages, err)
		}
		if got := metric(t, metrics, "postern_store_refused_ops_total", "busy"); got != 1 {
			t.Errorf("%v ops were counted as refused", got)
		}
	})
}

func TestLaneIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, store.Options{})
		synctest.Wait() // for what it does at the start
		release := hold(s)
		var wg sync.WaitGroup
		var mu sync.Mutex
		outcome := map[error]int{}
		for range 4096 + 50 {
			wg.Go(func() {
				err := s.Apply(t.Context(), store.Bulk, func(*store.Tx) error { return nil })
				mu.Lock()
				defer mu.Unlock()
				outcome[err]++
			})
		}
		synctest.Wait()
		if outcome[store.ErrBusy] != 50 || len(outcome) != 1 {
			t.Errorf("while the writer is busy: %v", outcome)
		}
		// The other lane is not full.
		wg.Go(func() {
			if err := s.Apply(t.Context(), store.Interactive, func(*store.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		wg.Wait()
		if outcome[nil] != 4096 {
			t.Errorf("in the end: %v", outcome)
		}
	})
}

func TestClosedStoreRefuses(t *testing.T) {
	s := open(t, store.Options{})
	_, boxes := newAccount(t, s, "INBOX")
	body := stage(t, s, testMessage(1, 500))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Deliver(t.Context(), store.Bulk, body, []store.Delivery{{Mailbox: boxes[0]}}); !errors.Is(err, store.ErrStopped) {
		t.Errorf("Deliver: %v", err)
	}
	if _, err := s.Stage(t.Context()); !errors.Is(err, store.ErrStopped) {
		t.Errorf("Stage: %v", err)
	}
	if _, err := s.Select(t.Context(), boxes[0], false); !errors.Is(err, store.ErrStopped) {
		t.Errorf("Select: %v", err)
	}
}

// TestWriterReopensAfterAFailedSync shows that the segment whose fsync failed
// is left alone and the rows are opened anew.
func TestWriterReopensAfterAFailedSync(t *testing.T) {
	dir := t.TempDir()
	d := powercut.New(dir)
	defer d.Close()
	vfs, err := d.VFS()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := open(t, store.Options{Dir: dir, FS: d.FS(), VFS: vfs, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	defer s.Close() // before the disk
	_, boxes := newAccount(t, s, "INBOX")
	deliver(t, s, boxes[0], testMessage(1, 500))
	body := stage(t, s, testMessage(2, 500))
	for _, failing := range []string{".pack", ".db-wal"} {
		for n := 1; !strings.HasPrefix(d.Failed(), "sync") || !strings.HasSuffix(d.Failed(), failing); n++ {
			d.FailAfter(n)
			_, err := s.Deliver(t.Context(), store.Bulk, body, []store.Delivery{{Mailbox: boxes[0]}})
			if err == nil {
				t.Fatalf("a delivery has less than %d operations and no sync of %s", n, failing)
			}
			if strings.HasPrefix(d.Failed(), "sync") && !errors.Is(err, store.ErrStopped) {
				t.Errorf("after %s: %v, want ErrStopped", d.Failed(), err)
			}
		}
		if !strings.Contains(log.String(), "works again") {
			t.Errorf("after a sync of %s nothing was reopened: %s", failing, log.String())
		}
		log.Reset()
		placed := deliver(t, s, boxes[0], testMessage(3, 500))
		if got := text(t, s, placed.Message); got != testMessage(3, 500) {
			t.Errorf("after a failed sync of %s a delivery has other bytes", failing)
		}
	}
	if n := len(segments(t, dir)); n < 2 {
		t.Errorf("%d segments; the one whose fsync failed is still in use", n)
	}
}

func metric(t *testing.T, g prometheus.Gatherer, name, label string) float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || len(m.GetLabel()) > 0 && m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return 0
}

// TestStagingSharesMemory fills the memory that staged messages share: what
// does not fit goes to disk and is delivered all the same, and in the end all
// memory is given back.
func TestStagingSharesMemory(t *testing.T) {
	dir, metrics := t.TempDir(), prometheus.NewRegistry()
	s := open(t, store.Options{Dir: dir, Memory: 200 << 10, Metrics: metrics})
	_, boxes := newAccount(t, s, "INBOX")
	var bodies []*store.Body
	for i := range 10 {
		bodies = append(bodies, stage(t, s, testMessage(i, 30<<10)))
		if used := metric(t, metrics, "postern_store_staged_bytes", ""); used > 200<<10 || used == 0 {
			t.Errorf("%v bytes are staged in memory", used)
		}
	}
	if len(segments(t, dir)) == 0 {
		t.Error("nothing went to disk")
	}
	for i, b := range bodies {
		placed, err := s.Deliver(t.Context(), store.Bulk, b, []store.Delivery{{Mailbox: boxes[0]}})
		if err != nil {
			t.Fatal(err)
		}
		if text(t, s, placed[0].Message) != testMessage(i, 30<<10) {
			t.Errorf("message %d is not what was staged", i)
		}
		b.Discard()
	}
	if used := metric(t, metrics, "postern_store_staged_bytes", ""); used != 0 {
		t.Errorf("%v bytes are staged after all", used)
	}
	for _, name := range []string{"postern_store_batch_ops", "postern_store_queue_wait_seconds", "postern_store_sync_seconds"} {
		if metric(t, metrics, name, "") == 0 {
			t.Errorf("%s counts nothing", name)
		}
	}
}

func TestDiscardedStagingLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	g, err := s.Stage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(g, large(1))
	g.Discard()
	stage(t, s, large(2)).Discard()
	if got := segments(t, dir); len(got) != 0 {
		t.Errorf("segments are %q", got)
	}
}

// TestNothingLeaks opens and closes a store with all kinds of things in
// between; goroutines and files are then as many as before.
func TestNothingLeaks(t *testing.T) {
	files := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(entries)
	}
	life := func() {
		s, err := store.Open(t.Context(), store.Options{Dir: filepath.Join(t.TempDir(), "new"), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		account, boxes := newAccount(t, s, "INBOX", "a")
		for i := range 100 {
			deliver(t, s, boxes[0], large(i))
		}
		v, err := s.Select(t.Context(), boxes[0], false)
		if err != nil {
			t.Fatal(err)
		}
		for m, err := range v.Messages(t.Context(), []store.UID{1, 2, 3}, store.WantEnvelope) {
			if err != nil {
				t.Fatal(err)
			}
			text(t, s, m.ID)
			break
		}
		if err := s.DeleteMailbox(t.Context(), account, "a"); err != nil {
			t.Fatal(err)
		}
		v.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	life() // what is made once for the process
	fds, goroutines := files(), runtime.NumGoroutine()
	life()
	if now := files(); now > fds {
		t.Errorf("%d files are open, %d were", now, fds)
	}
	for range 1000 { // goroutines that have said their last word are still ending
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines run, %d did", runtime.NumGoroutine(), goroutines)
}
