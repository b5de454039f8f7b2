// Command bench measures durable deliveries per second through the store's
// writer, beside a bare loop that appends the same bytes in batches of the
// same size to one file and fdatasyncs it.
//
// Store and loop take turns on the same disk in the same run. What is compared
// is the ratio of each pair; the report has the median of the ratios with the
// interval that holds the true median with at least 95 % confidence.
//
// The sessions of a turn deliver messages that they staged before it, parsed
// and with their search signature: what is measured is the writer. The column
// "whole/s" is what they reach when they do all of that meanwhile, on the same
// cores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
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
	fmt.Printf("durable deliveries of %d bytes, %d alternations of about %v\n\n", messageSize, *pairs, *turn)
	fmt.Printf("%8s  %8s  %6s  %8s  %6s  %-14s  %8s\n", "sessions", "writer/s", "batch", "loop/s", "ratio", "95 % interval", "whole/s")
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
		fmt.Printf("%8d  %8.0f  %6.1f  %8.0f  %6.2f  %.2f to %.2f    %8.0f\n", n,
			middle(r.writer), middle(r.batch), middle(r.loop), ratio, low, high, middle(r.whole))
		last = ratio
	}
	if last < *required {
		return fmt.Errorf("the ratio is %.2f, required is %.2f", last, *required)
	}
	return nil
}

// results are one number for each alternation.
type results struct{ writer, batch, loop, ratios, whole []float64 }

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
	whole, err := b.deliver() // to warm up
	if err != nil {
		return r, err
	}
	for range *pairs {
		writer, batch, err := b.deliverStaged(whole)
		if err != nil {
			return r, err
		}
		bare, err := appendLoop(filepath.Join(root, "bare"), max(1, int(batch+0.5)))
		if err != nil {
			return r, err
		}
		if whole, err = b.deliver(); err != nil {
			return r, err
		}
		r.writer = append(r.writer, writer)
		r.batch = append(r.batch, batch)
		r.loop = append(r.loop, bare)
		r.ratios = append(r.ratios, writer/bare)
		r.whole = append(r.whole, whole)
	}
	return r, nil
}

// A bench is a store with an account and a mailbox for each session.
type bench struct {
	store   *store.Store
	metrics *prometheus.Registry
	inboxes []store.MailboxID
	authors []*author
}

func newBench(dir string, sessions int) (*bench, error) {
	b := &bench{metrics: prometheus.NewRegistry()}
	var err error
	b.store, err = store.Open(context.Background(), store.Options{
		Dir: dir, Metrics: b.metrics, Logger: slog.New(slog.DiscardHandler),
		Memory: 2 * maxStock * messageSize, // for what is staged before a turn
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
	for i := range sessions {
		b.authors = append(b.authors, newAuthor(i))
	}
	return b, err
}

// deliver lets all sessions stage and deliver for one turn. It returns
// deliveries per second.
func (b *bench) deliver() (rate float64, err error) {
	begin := time.Now()
	n, err := b.sessions(func(author *author, inbox store.MailboxID) (n int, err error) {
		for ; err == nil && time.Since(begin) < *turn; n++ {
			var body *store.Body
			if body, err = b.stage(author.message(n)); err == nil {
				err = b.hand(body, inbox)
			}
		}
		return n, err
	})
	return float64(n) / time.Since(begin).Seconds(), err
}

// maxStock is how many messages are staged before a turn at most.
const maxStock = 16_000

// deliverStaged lets all sessions deliver what they have staged before, about
// as much as a turn takes at that rate. It returns deliveries per second and
// per commit.
func (b *bench) deliverStaged(rate float64) (writer, batch float64, err error) {
	stock := max(1, min(maxStock, int(2*rate*turn.Seconds()))/len(b.inboxes))
	bodies := make(chan []*store.Body, len(b.inboxes))
	_, err = b.sessions(func(author *author, _ store.MailboxID) (int, error) {
		var mine []*store.Body
		defer func() { bodies <- mine }()
		for n := range stock {
			body, err := b.stage(author.message(n))
			if err != nil {
				return n, err
			}
			mine = append(mine, body)
		}
		return stock, nil
	})
	if err != nil {
		return 0, 0, err
	}
	ops, commits, err := b.batches()
	if err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	n, err := b.sessions(func(_ *author, inbox store.MailboxID) (n int, err error) {
		for _, body := range <-bodies {
			if err = b.hand(body, inbox); err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	})
	writer = float64(n) / time.Since(begin).Seconds()
	if err != nil {
		return 0, 0, err
	}
	moreOps, moreCommits, err := b.batches()
	return writer, (moreOps - ops) / (moreCommits - commits), err
}

// sessions runs f in as many goroutines as there are mailboxes, and adds up.
func (b *bench) sessions(f func(*author, store.MailboxID) (int, error)) (total int, err error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i, inbox := range b.inboxes {
		wg.Go(func() {
			n, e := f(b.authors[i], inbox)
			mu.Lock()
			defer mu.Unlock()
			total += n
			err = errors.Join(err, e)
		})
	}
	wg.Wait()
	return total, err
}

// stage is what a session does before it delivers.
func (b *bench) stage(text []byte) (*store.Body, error) {
	staging, err := b.store.Stage(context.Background())
	if err != nil {
		return nil, err
	}
	defer staging.Discard()
	if _, err := staging.Write(text); err != nil {
		return nil, err
	}
	return staging.Finish()
}

// hand hands a staged message to the writer and waits until it is durable.
func (b *bench) hand(body *store.Body, inbox store.MailboxID) error {
	defer body.Discard()
	_, err := b.store.Deliver(context.Background(), store.Bulk, body, []store.Delivery{{Mailbox: inbox}})
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
