package script

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"sync"
	"time"
)

const (
	idleLimit = 5 * time.Minute // for a client that says nothing
	lineLimit = 64 << 10        // bytes of one line or literal
)

// Server runs a script on every connection that it accepts. The fields are set
// before Start and not changed after it.
type Server struct {
	Script *Script

	// TLS is used for STARTTLS, and from the first byte on if Implicit is set.
	TLS      *tls.Config
	Implicit bool

	Vars     map[string]string // what {name} stands for; goes before the script's defaults
	Accounts map[string]string // user name to password
	Counter  *Counter          // may be shared between servers; nil: one of its own

	vars     map[string]string
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc

	mu    sync.Mutex
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

// Start checks the script and begins to accept connections. The listener is the
// server's from then on, also after an error.
func (s *Server) Start(l net.Listener) error {
	s.vars = make(map[string]string)
	maps.Copy(s.vars, s.Script.defaults)
	maps.Copy(s.vars, s.Vars)
	err := s.Script.check(s.vars)
	if s.Implicit && s.TLS == nil {
		err = errors.Join(err, errors.New("implicit TLS without a certificate"))
	}
	if err != nil {
		l.Close()
		return fmt.Errorf("start server on %v: %w", l.Addr(), err)
	}
	if s.Counter == nil {
		s.Counter = new(Counter)
	}
	s.listener = l
	s.conns = make(map[net.Conn]bool)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.wg.Go(s.accept)
	return nil
}

// Close stops accepting, ends all sessions and waits for them.
func (s *Server) Close() {
	s.cancel()
	s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as a connection that was gone before it was taken
			continue
		}
		if !s.keep(conn) {
			conn.Close()
			return
		}
		s.wg.Go(func() {
			defer s.forget(conn)
			s.Counter.connected()
			newSession(s, conn).run()
		})
	}
}

// keep remembers a connection for Close, unless Close has begun.
func (s *Server) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.conns[conn] = true
	return true
}

func (s *Server) forget(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}
