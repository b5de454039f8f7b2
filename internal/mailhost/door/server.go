package door

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/wire/ports"
)

// Gate decides who may connect. The error says why not; without one, leave is
// called when the connection has ended.
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
	ports     []Port
	protocols map[ports.Protocol]Protocol
	configs   map[ports.Protocol]tlsConfigs
	gate      Gate
	recorder  activity.Recorder
	logger    *slog.Logger
	metrics   *metrics
	ids       *sessionIDs
	suspects  *suspects
	refusing  chan struct{} // one token per client that is being turned away

	ctx    context.Context // ends when sessions must
	cancel context.CancelFunc

	mu       sync.Mutex
	sessions map[*Conn]struct{}
	stopping bool
	running  sync.WaitGroup
}

// maxRefusing is how many clients are told at the same time why they can't come
// in. Beyond it they are hung up on: saying no must not become the load.
const maxRefusing = 128

// NewServer makes a server without listeners.
func NewServer(o Options) *Server {
	s := &Server{
		ports:     o.Ports,
		protocols: o.Protocols,
		configs:   newTLSConfigs(o.Certificate),
		gate:      o.Gate,
		recorder:  o.Record,
		logger:    o.Logger,
		metrics:   newMetrics(o.Metrics),
		ids:       &sessionIDs{rand: o.Rand},
		suspects:  newSuspects(),
		refusing:  make(chan struct{}, maxRefusing),
		sessions:  make(map[*Conn]struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Serve accepts connections until the listener is closed, then returns nil.
func (s *Server) Serve(l net.Listener, port Port) error {
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			s.running.Go(func() { s.session(nc, port) })
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			// Out of files, mostly: sessions that end will free some.
			s.logger.Warn("can't accept a connection", "port", port.Number, "error", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// Stop asks every session to end and waits for them until ctx is done; then it
// cuts them off. The listeners have to be closed before.
func (s *Server) Stop(ctx context.Context) {
	s.mu.Lock()
	s.stopping = true
	for c := range s.sessions {
		c.stop()
	}
	s.mu.Unlock()

	ended := make(chan struct{})
	go func() { s.running.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		s.cancel()
		s.mu.Lock()
		for c := range s.sessions {
			c.raw.Close()
		}
		s.mu.Unlock()
		<-ended
	}
	s.cancel()
}

// session is the whole life of one connection.
func (s *Server) session(nc net.Conn, port Port) {
	c := newConn(s, nc, port, s.ids.next())
	s.enter(c)
	defer s.leave(c)
	defer func() {
		if p := recover(); p != nil {
			c.Logger().Error("session ended by a defect", "panic", p, "stack", string(debug.Stack()))
		}
	}()

	leave, refusal := s.gate.Admit(c.remote.Addr())
	if refusal != nil {
		s.turnAway(c, refusal)
		return
	}
	defer leave()
	err := c.welcome()
	if err == nil {
		c.SetState("connected")
		err = s.protocols[port.Protocol].Serve(s.ctx, c)
	}
	c.part(err)
}

func (s *Server) enter(c *Conn) {
	s.mu.Lock()
	s.sessions[c] = struct{}{}
	stopping := s.stopping
	s.mu.Unlock()
	if stopping {
		c.stop()
	}
	s.metrics.connections.WithLabelValues(string(c.port.Protocol), string(c.port.Security)).Inc()
}

func (s *Server) leave(c *Conn) {
	c.SetState("")
	s.mu.Lock()
	delete(s.sessions, c)
	s.mu.Unlock()
	c.raw.Close()
	c.giveBack()
}

// turnAway tells a client why it can't come in, as long as not too many are
// being told at once.
func (s *Server) turnAway(c *Conn, e *fault.Error) {
	c.record(activity.Refused, e, e.Client)
	select {
	case s.refusing <- struct{}{}:
		defer func() { <-s.refusing }()
	default:
		return
	}
	if c.port.Security == ports.TLS {
		if err := c.welcome(); err != nil {
			c.part(err)
			return
		}
	}
	c.farewell(e)
}
