package door

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/wire/ports"
)

// Gate decides who may connect. The error says why not.
type Gate interface {
	Admit(netip.Addr) (leave func(), refusal *fault.Error)
}

// Options is what a Server needs; all fields are required.
type Options struct {
	Ports     []Port // all that are open, so that a lost client can be sent to the right one
	Protocols map[ports.Protocol]Protocol

	// Certificate chooses by SNI.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)

	Gate    Gate
	Record  activity.Recorder
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	Rand    io.Reader // for session ids
}

// Server accepts connections and runs their sessions.
type Server struct {
	logger  *slog.Logger
	metrics *metrics
}

// NewServer makes a server without listeners.
func NewServer(o Options) *Server {
	return &Server{logger: o.Logger}
}

// Serve accepts connections until the listener is closed; it returns nil then.
func (s *Server) Serve(l net.Listener, port Port) error { return net.ErrClosed }

// Stop asks every session to end and waits for them until ctx is done; then it
// cuts them off. The listeners have to be closed before.
func (s *Server) Stop(ctx context.Context) {}

type metrics struct{}

func (m *metrics) move(p ports.Protocol, from, to string) {}
