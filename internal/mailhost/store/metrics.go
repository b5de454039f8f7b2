package store

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the numbers by which an operator sees how the writer fares.
type metrics struct {
	batchOps prometheus.Histogram
	wait     prometheus.Histogram
	sync     *prometheus.HistogramVec
	refused  *prometheus.CounterVec
}

func newMetrics(s *Store) (*metrics, error) {
	seconds := prometheus.ExponentialBuckets(0.0001, 2, 16)
	m := &metrics{
		batchOps: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "postern_store_batch_ops", Help: "Ops that were taken for one commit.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9)}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "postern_store_queue_wait_seconds", Help: "How long the oldest op of each batch waited for its turn.",
			Buckets: seconds}),
		sync: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "postern_store_sync_seconds", Help: "How long it took to make bytes (pack) and rows (commit) durable.",
			Buckets: seconds}, []string{"what"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_store_refused_ops_total", Help: "Ops that were not done, by reason."}, []string{"reason"}),
	}
	staged := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "postern_store_staged_bytes", Help: "Memory that staged messages take."},
		func() float64 { return float64(s.memory.used.Load()) })
	if s.opt.Metrics == nil {
		return m, nil
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.batchOps, m.wait, m.sync, m.refused, staged} {
		errs = append(errs, s.opt.Metrics.Register(c))
	}
	return m, errors.Join(errs...)
}

// taken notes a batch.
func (m *metrics) taken(batch []*op) {
	oldest := batch[0].queued
	for _, o := range batch {
		if o.queued.Before(oldest) {
			oldest = o.queued
		}
	}
	m.batchOps.Observe(float64(len(batch)))
	m.wait.Observe(time.Since(oldest).Seconds())
}

// synced notes how long it took to make something durable.
func (m *metrics) synced(what string, begin time.Time) {
	m.sync.WithLabelValues(what).Observe(time.Since(begin).Seconds())
}

// outcome notes why an op was not done.
func (m *metrics) outcome(err error) {
	switch {
	case err == nil:
	case errors.Is(err, ErrBusy):
		m.refused.WithLabelValues("busy").Inc()
	case errors.Is(err, ErrStopped):
		m.refused.WithLabelValues("stopped").Inc()
	default:
		m.refused.WithLabelValues("failed").Inc()
	}
}
