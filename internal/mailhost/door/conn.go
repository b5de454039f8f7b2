package door

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Conn is one client's connection. All methods but [Conn.Wake] are for the one
// goroutine that serves it.
type Conn struct {
	id     string
	port   Port
	remote netip.AddrPort
	server *Server

	raw  *rawConn  // the socket
	tls  *tls.Conn // nil before TLS
	live net.Conn  // raw or tls: what is read and written now

	in      input
	out     output
	command time.Duration // how long the client may think
	known   bool          // it has logged in, or said EHLO as a server does
	pace    pace
	state   string
	noted   bool // something that this client tried has been recorded

	mu       sync.Mutex
	waiting  bool // between two commands
	idle     bool // in Idle, so Wake counts
	woken    bool
	stopping bool
}

func newConn(s *Server, nc net.Conn, port Port, id string) *Conn {
	raw := &rawConn{Conn: nc}
	c := &Conn{
		id: id, port: port, server: s,
		remote: remoteOf(nc),
		raw:    raw, live: raw,
		command: BeforeLogin,
	}
	c.in.fill = c.readNow
	c.out.send = c.writeNow
	return c
}

// ID is the session's name: ten characters of lower-case base32. It stands in
// every log line, attempt and refusal of this session.
func (c *Conn) ID() string { return c.id }

// Remote is the client's address, without an IPv6 zone and never an IPv4
// address in IPv6 form.
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// Port is the port that the client came to.
func (c *Conn) Port() Port { return c.port }

// Secure reports whether the connection is encrypted now.
func (c *Conn) Secure() bool { return c.tls != nil }

// TLS is the state of the encryption; false without any.
func (c *Conn) TLS() (tls.ConnectionState, bool) {
	if c.tls == nil {
		return tls.ConnectionState{}, false
	}
	return c.tls.ConnectionState(), true
}

// Logger adds the session's id, port and client to every line. It is made at
// each call, because most sessions never log anything.
func (c *Conn) Logger() *slog.Logger {
	return c.server.logger.With(
		slog.String("session", c.id),
		slog.String("protocol", string(c.port.Protocol)),
		slog.Int("port", c.port.Number),
		slog.String("client", c.remote.Addr().String()))
}

// SetCommandTimeout says how long the client may think between two commands
// from now on; [BeforeLogin] until this is called, and [Grace] for all of them.
func (c *Conn) SetCommandTimeout(d time.Duration) { c.command, c.known = d, true }

// SetState names what the session is doing, for the metrics: one of the
// protocol's states in lower case, such as "authenticated" or "idle".
func (c *Conn) SetState(state string) {
	c.server.metrics.move(c.port.Protocol, c.state, state)
	c.state = state
}

// ReadLine returns the next line without its CRLF, at most limit bytes of it.
// It stays valid until the next read. The errors are [ErrBareLF], [ErrBareCR]
// and [ErrLineTooLong], after which the session may go on; [ErrTimeout] and
// [ErrStopping] between two lines; a *[fault.Error] when the client's first words
// are of another protocol; io.EOF at the end.
func (c *Conn) ReadLine(limit int) ([]byte, error) {
	if c.in.buffered() == 0 {
		if err := c.wait(c.command, false); err != nil {
			return nil, err
		}
	}
	if !c.in.opened {
		c.in.opened = true
		if err := c.nameStranger(); err != nil {
			return nil, err
		}
	}
	c.deadline(c.hurry(RestOfLine))
	line, err := c.in.line(limit)
	if c.known {
		c.pace = pace{}
	}
	return line, c.timeoutOf(err)
}

// Read reads a body or a literal. Each read may wait for [DataRead], and all of
// them as long as [Grace] and [SlowestRate] let them.
func (c *Conn) Read(p []byte) (int, error) {
	c.deadline(min(DataRead, c.pace.left()))
	n, err := c.in.read(p)
	return n, c.timeoutOf(err)
}

// Peek returns the next n bytes without taking them, waiting for them as Read
// does; n is at most 4096. With fewer bytes it returns an error.
func (c *Conn) Peek(n int) ([]byte, error) {
	c.deadline(min(DataRead, c.pace.left()))
	for c.in.buffered() < n {
		if n > bufferSize {
			return c.in.peek(), io.ErrShortBuffer
		}
		if err := c.in.more(); err != nil {
			return c.in.peek(), c.timeoutOf(err)
		}
	}
	return c.in.peek()[:n], nil
}

// Discard takes n bytes, of which no more than [Conn.Buffered] are there for
// certain.
func (c *Conn) Discard(n int) (int, error) {
	for taken := 0; ; {
		step := min(n-taken, c.in.buffered())
		c.in.r += step
		if taken += step; taken == n {
			return n, nil
		}
		if _, err := c.Peek(1); err != nil {
			return taken, err
		}
	}
}

// Buffered is the number of bytes that can be read without waiting: what the
// client has sent ahead.
func (c *Conn) Buffered() int { return c.in.buffered() }

// Write puts p behind the answer that is being made. Nothing is sent until
// [Conn.Flush], unless the answer is long.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p) }

// WriteString is Write for a string.
func (c *Conn) WriteString(s string) (int, error) { return c.out.write([]byte(s)) }

// ReadFrom copies a body into the answer.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) { return c.out.readFrom(r) }

// Flush sends the answer.
func (c *Conn) Flush() error { return c.out.flush() }

// Idle waits until the client sends something and returns nil, or for as long
// as d and returns [ErrTimeout], or until [Conn.Wake] and returns [ErrWoken],
// or until the server stops and returns [ErrStopping]. It flushes first. While
// it waits the session holds no buffer.
func (c *Conn) Idle(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.Flush(); err != nil {
		return err
	}
	if c.in.buffered() > 0 {
		return nil
	}
	return c.wait(d, true)
}

// Wake ends the current [Conn.Idle], or else the next one, with [ErrWoken]. Any
// goroutine may call it, at any time.
func (c *Conn) Wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.woken = true
	if c.waiting && c.idle {
		c.raw.SetReadDeadline(past)
	}
}

// stop asks the session to end at its next wait for a command.
func (c *Conn) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	if c.waiting {
		c.raw.SetReadDeadline(past)
	}
}

// past is a deadline that has always been missed.
var past = time.Unix(1, 0)

// wait waits for one byte, with no buffer held.
func (c *Conn) wait(d time.Duration, idle bool) error {
	if err := c.Flush(); err != nil {
		return err
	}
	if c.in.ended {
		return io.EOF
	}
	c.in.release()
	if err := c.beginWait(c.hurry(d), idle); err != nil {
		return err
	}
	var one [1]byte
	began := time.Now()
	n, err := c.live.Read(one[:])
	if !c.known {
		c.pace.add(n, time.Since(began))
	}
	woken, stopping := c.endWait(idle && n == 0)
	switch {
	case n == 1:
		c.in.put(one[0])
		return nil
	case stopping:
		return ErrStopping
	case woken:
		return ErrWoken
	}
	return c.timeoutOf(err)
}

func (c *Conn) beginWait(d time.Duration, idle bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopping:
		return ErrStopping
	case idle && c.woken:
		c.woken = false
		return ErrWoken
	}
	c.waiting, c.idle = true, idle
	return c.raw.SetReadDeadline(time.Now().Add(d))
}

func (c *Conn) endWait(takeWake bool) (woken, stopping bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting, c.idle = false, false
	if takeWake {
		woken, c.woken = c.woken, false
	}
	return woken, c.stopping
}

func (c *Conn) deadline(d time.Duration) { c.raw.SetReadDeadline(time.Now().Add(d)) }

func (c *Conn) writeNow(p []byte) (int, error) {
	c.raw.SetWriteDeadline(time.Now().Add(Write))
	return c.live.Write(p)
}
