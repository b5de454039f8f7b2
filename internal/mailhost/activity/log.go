package activity

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// Sink is where batches of attempts go; *journal.Journal is one.
type Sink interface {
	Append([]Attempt) error
}

const (
	// every is how long an attempt waits for company on its way to the sink.
	every = time.Second

	// calm is how many attempts of one batch are kept one by one. Above it
	// those of the same address and fault are counted together, above maxBatch
	// all of the same fault.
	calm     = 512
	maxBatch = 2048

	// Texts that clients sent are cut.
	maxAccount   = 320
	maxMechanism = 20 // RFC 4422 §3.1
	maxDetail    = 300
)

// Log takes attempts from many goroutines and hands them to its sink in
// batches.
type Log struct {
	sink   Sink
	logger *slog.Logger
	counts *prometheus.CounterVec

	mu      sync.Mutex
	pending []Attempt
	alike   map[likeness]int // index in pending, under attack
	ready   chan struct{}    // there is something to write

	writing sync.Mutex // held while a batch is on its way
	stop    chan struct{}
	done    chan struct{}
}

// likeness is what attempts have in common that are counted together.
type likeness struct {
	address  netip.Addr
	protocol ports.Protocol
	outcome  Outcome
	fault    fault.ID
}

// NewLog starts to take attempts. Close ends it.
func NewLog(sink Sink, logger *slog.Logger, metrics prometheus.Registerer) *Log {
	l := &Log{
		sink: sink, logger: logger,
		counts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_attempts_total", Help: "What clients tried, by protocol, outcome and fault.",
		}, []string{"protocol", "outcome", "fault"}),
		alike: make(map[likeness]int),
		ready: make(chan struct{}, 1),
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	metrics.MustRegister(l.counts)
	go l.run()
	return l
}

// Record takes an attempt. It never waits for the disk.
func (l *Log) Record(a Attempt) {
	l.counts.WithLabelValues(string(a.Protocol), string(a.Outcome), string(a.Fault)).Inc()
	a.Account = cut(a.Account, maxAccount)
	a.Mechanism = cut(a.Mechanism, maxMechanism)
	a.Detail = cut(a.Detail, maxDetail)
	a.Count = max(a.Count, 1)
	l.mu.Lock()
	l.add(a)
	l.mu.Unlock()
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

func (l *Log) add(a Attempt) {
	if len(l.pending) < calm {
		l.pending = append(l.pending, a)
		return
	}
	like := likeness{a.Address, a.Protocol, a.Outcome, a.Fault}
	if len(l.pending) >= maxBatch {
		like.address = netip.Addr{}
		a.Detail = "many attempts from many addresses, counted together"
		a.Address, a.Account = netip.Addr{}, ""
	}
	if i, ok := l.alike[like]; ok {
		l.pending[i].Count += a.Count
		return
	}
	l.alike[like] = len(l.pending)
	l.pending = append(l.pending, a)
}

// cut shortens a text at a character's border and takes control characters out.
func cut(s string, most int) string {
	out := make([]rune, 0, min(len(s), most))
	size := 0
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			r = ' '
		}
		if size++; size > most {
			break
		}
		out = append(out, r)
	}
	return string(out)
}

// run writes a batch a second while there is something to write.
func (l *Log) run() {
	defer close(l.done)
	for {
		select {
		case <-l.ready:
		case <-l.stop:
			return
		}
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case <-l.stop:
			timer.Stop()
			return
		}
		l.Flush()
	}
}

// Flush hands over what waits and returns when the sink has it.
func (l *Log) Flush() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	batch := l.pending
	l.pending = nil
	clear(l.alike)
	l.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	if err := l.sink.Append(batch); err != nil {
		l.logger.Error("attempts are lost: can't write the activity file", "attempts", len(batch), "error", err)
	}
}

// Close writes what waits and ends.
func (l *Log) Close() {
	close(l.stop)
	<-l.done
	l.Flush()
}
