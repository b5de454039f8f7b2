// Command bench measures durable deliveries per second through the store's
// writer, beside a bare loop that appends the same bytes in batches of the
// same size to one file and fdatasyncs it.
//
// Store and loop take turns on the same disk in the same run. What is compared
// is the ratio of each pair; the report has the median of the ratios with the
// interval that holds the true median with at least 95 % confidence.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/store"
	"postern/internal/mailhost/store/file"
)

// messageSize is what is delivered, in bytes.
const messageSize = 10 << 10

var (
	dir      = flag.String("dir", "", "`directory` on the disk to measure (default: the system's temporary one)")
	sessions = flag.String("sessions", "1,8,64", "how many sessions deliver at once, `list`")
	pairs    = flag.Int("pairs", 9, "how often store and loop alternate")
	turn     = flag.Duration("time", time.Second, "how long a turn is")
	required = flag.Float64("require", 0, "exit 1 if the ratio at the last number of sessions is below")
	profile  = flag.String("cpuprofile", "", "write a CPU profile of the store's turns to `file`")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Printf("durable deliveries of %d bytes, %d alternations of %v\n\n", messageSize, *pairs, *turn)
	fmt.Printf("%8s  %10s  %6s  %10s  %6s  %s\n", "sessions", "store/s", "batch", "loop/s", "ratio", "95 % interval")
	var last float64
	for text := range strings.SplitSeq(*sessions, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no number of sessions", text)
		}
		r, err := compare(n)
		if err != nil {
			return err
		}
		ratio, low, high := median(r.ratios)
		per, _, _ := median(r.store)
		bare, _, _ := median(r.loop)
		batch, _, _ := median(r.batch)
		fmt.Printf("%8d  %10.0f  %6.1f  %10.0f  %6.2f  %.2f to %.2f\n", n, per, batch, bare, ratio, low, high)
		last = ratio
	}
	if last < *required {
		return fmt.Errorf("the ratio is %.2f, required is %.2f", last, *required)
	}
	return nil
}

// results are one number for each alternation.
type results struct{ store, batch, loop, ratios []float64 }

func compare(sessions int) (r results, err error) {
	root, err := os.MkdirTemp(*dir, "postern-bench")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(root)
	b, err := newBench(filepath.Join(root, "data"), sessions)
	if err != nil {
		return r, err
	}
	defer b.store.Close()
	if _, _, err := b.deliver(); err != nil { // to warm up
		return r, err
	}
	for range *pairs {
		rate, batch, err := b.deliver()
		if err != nil {
			return r, err
		}
		bare, err := appendLoop(filepath.Join(root, "bare"), max(1, int(batch+0.5)))
		if err != nil {
			return r, err
		}
		r.store = append(r.store, rate)
		r.batch = append(r.batch, batch)
		r.loop = append(r.loop, bare)
		r.ratios = append(r.ratios, rate/bare)
	}
	return r, nil
}

// A bench is a store with an account and a mailbox for each session.
type bench struct {
	store   *store.Store
	metrics *prometheus.Registry
	inboxes []store.MailboxID
}

func newBench(dir string, sessions int) (*bench, error) {
	b := &bench{metrics: prometheus.NewRegistry()}
	var err error
	b.store, err = store.Open(context.Background(), store.Options{
		Dir: dir, Metrics: b.metrics, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	err = b.store.Apply(context.Background(), store.Interactive, func(tx *store.Tx) error {
		b.inboxes = nil
		for range sessions {
			account, err := tx.NewAccount()
			if err != nil {
				return err
			}
			inbox, err := tx.CreateMailbox(account, store.Inbox, "")
			if err != nil {
				return err
			}
			b.inboxes = append(b.inboxes, inbox)
		}
		return nil
	})
	return b, err
}

// deliver lets all sessions deliver for one turn. It returns deliveries per
// second and per commit.
func (b *bench) deliver() (rate, batch float64, err error) {
	ops, commits, err := b.batches()
	if err != nil {
		return 0, 0, err
	}
	var wg sync.WaitGroup
	var delivered atomic.Int64
	var failure atomic.Pointer[error]
	begin := time.Now()
	for i, inbox := range b.inboxes {
		wg.Go(func() {
			author := newAuthor(i)
			for n := 0; time.Since(begin) < *turn; n++ {
				if err := b.one(inbox, author.message(n)); err != nil {
					failure.Store(&err)
					return
				}
				delivered.Add(1)
			}
		})
	}
	wg.Wait()
	rate = float64(delivered.Load()) / time.Since(begin).Seconds()
	if e := failure.Load(); e != nil {
		return 0, 0, *e
	}
	moreOps, moreCommits, err := b.batches()
	return rate, (moreOps - ops) / (moreCommits - commits), err
}

// one is what a session does for a message.
func (b *bench) one(inbox store.MailboxID, text []byte) error {
	ctx := context.Background()
	staging, err := b.store.Stage(ctx)
	if err != nil {
		return err
	}
	defer staging.Discard()
	if _, err := staging.Write(text); err != nil {
		return err
	}
	body, err := staging.Finish()
	if err != nil {
		return err
	}
	defer body.Discard()
	_, err = b.store.Deliver(ctx, store.Bulk, body, []store.Delivery{{Mailbox: inbox}})
	return err
}

// batches reads from the metrics how many ops went into how many commits.
func (b *bench) batches() (ops, commits float64, err error) {
	families, err := b.metrics.Gather()
	if err != nil {
		return 0, 0, err
	}
	for _, f := range families {
		if f.GetName() == "postern_store_batch_ops" {
			h := f.GetMetric()[0].GetHistogram()
			return h.GetSampleSum(), float64(h.GetSampleCount()), nil
		}
	}
	return 0, 0, nil
}

// appendLoop appends batches of messages for one turn and returns messages per
// second.
func appendLoop(name string, batch int) (float64, error) {
	f, err := file.OS().Create(name)
	if err != nil {
		return 0, err
	}
	defer os.Remove(name)
	defer f.Close()
	var text []byte
	for i := range batch {
		text = append(text, newAuthor(i).message(0)...)
	}
	begin := time.Now()
	n, off := 0, int64(0)
	for time.Since(begin) < *turn {
		if _, err := f.WriteAt(text, off); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		off += int64(len(text))
		n += batch
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}
