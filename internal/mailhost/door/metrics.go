package door

import (
	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/wire/ports"
)

// metrics counts what happens at the doors.
type metrics struct {
	connections *prometheus.CounterVec // by protocol and security
	sessions    *prometheus.GaugeVec   // by protocol and state
	handshakes  *prometheus.CounterVec // by protocol and result
	turned      *prometheus.CounterVec // clients sent away or put right, by fault
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		connections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_connections_total", Help: "Connections accepted.",
		}, []string{"protocol", "security"}),
		sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "postern_sessions", Help: "Sessions that are open, by what they are doing.",
		}, []string{"protocol", "state"}),
		handshakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_tls_handshakes_total", Help: "TLS handshakes, by result.",
		}, []string{"protocol", "result"}),
		turned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postern_turned_away_total", Help: "Clients that were refused or put right, by fault.",
		}, []string{"protocol", "fault"}),
	}
	r.MustRegister(m.connections, m.sessions, m.handshakes, m.turned)
	return m
}

// move counts a session from one state to another; "" is none.
func (m *metrics) move(p ports.Protocol, from, to string) {
	if from != "" {
		m.sessions.WithLabelValues(string(p), from).Dec()
	}
	if to != "" {
		m.sessions.WithLabelValues(string(p), to).Inc()
	}
}
