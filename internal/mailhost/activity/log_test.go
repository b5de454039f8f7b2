package activity

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type batches struct {
	all [][]Attempt
	err error
}

func (b *batches) Append(batch []Attempt) error {
	b.all = append(b.all, batch)
	return b.err
}

func newLog(s Sink) *Log { return NewLog(s, slog.New(slog.DiscardHandler), prometheus.NewRegistry()) }

func TestAttemptsTravelTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &batches{}
		l := newLog(sink)
		for i := range 3 {
			l.Record(Attempt{Session: fmt.Sprint(i)})
		}
		time.Sleep(every + time.Millisecond)
		synctest.Wait()
		if len(sink.all) != 1 || len(sink.all[0]) != 3 {
			t.Fatalf("got %v", sink.all)
		}
		l.Record(Attempt{Session: "last"})
		l.Close()
		if last := sink.all[len(sink.all)-1]; last[0].Session != "last" || last[0].Count != 1 {
			t.Errorf("Close left something behind: %v", sink.all)
		}
	})
}

// TestAttackIsCounted: a flood becomes few rows, and not one attempt of it is
// missing from the count.
func TestAttackIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &batches{}
		l := newLog(sink)
		const flood = 200000
		for i := range flood {
			a := netip.AddrFrom4([4]byte{10, byte(i >> 12), byte(i >> 4), 1})
			l.Record(Attempt{Address: a, Outcome: Rejected, Fault: "AU01", Account: "alice@example.com"})
		}
		l.Close()
		rows, total := 0, 0
		for _, batch := range sink.all {
			rows += len(batch)
			for _, a := range batch {
				total += a.Count
			}
		}
		if total != flood {
			t.Errorf("counted %d of %d", total, flood)
		}
		if rows > maxBatch+10 {
			t.Errorf("%d rows for one second of flood", rows)
		}
	})
}

func TestTextsAreCutAndClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &batches{}
		l := newLog(sink)
		l.Record(Attempt{Account: strings.Repeat("ä", 10000), Mechanism: strings.Repeat("X", 10000), Detail: "a\r\nb\x00\x1b[2J\xff"})
		l.Close()
		a := sink.all[0][0]
		if len([]rune(a.Account)) != maxAccount || len(a.Mechanism) != maxMechanism || a.Detail != "a  b  [2J\uFFFD" {
			t.Errorf("kept %d and %d characters and %q", len([]rune(a.Account)), len(a.Mechanism), a.Detail)
		}
	})
}

func TestBrokenSinkHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog(&batches{err: errors.New("disk full")})
		l.Record(Attempt{})
		l.Flush()
		l.Record(Attempt{})
		l.Close()
	})
}
