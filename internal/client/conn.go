package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"postern/internal/secret"
)

const (
	// maxLine bounds one line of dialogue, in octets.
	maxLine = 16 << 10
	// maxReply bounds one reply with all its lines, in octets.
	maxReply = 256 << 10
	// patience bounds an exchange whose context has no deadline.
	patience = time.Minute
)

// ErrTooMuch says that a server sent more than any honest reply holds.
var ErrTooMuch = errors.New("the server's reply is longer than any mail program would read")

// Conn is one connection with its transcript.
type Conn struct {
	opts   Options
	socket *tap          // the TCP connection
	net    net.Conn      // socket, or TLS over it
	in     *bufio.Reader // over net
	tls    *tls.ConnectionState

	injected []byte
	mask     *secret.Masker

	mu    sync.Mutex
	start time.Time
	lines []Line
}

// Dial connects to address, host:port.
func Dial(ctx context.Context, address string, opts Options) (*Conn, error) {
	dial := opts.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	start := time.Now()
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := newConn(conn, opts, start)
	c.note("connected to %s", address)
	return c, nil
}

func newConn(conn net.Conn, opts Options, start time.Time) *Conn {
	socket := &tap{Conn: conn}
	return &Conn{
		opts:   opts,
		socket: socket,
		net:    socket,
		in:     bufio.NewReader(socket),
		mask:   secret.NewMasker(opts.Secrets...),
		start:  start,
	}
}

// Close closes the connection without a goodbye.
func (c *Conn) Close() error { return c.socket.Close() }

// farewell bounds how long a server may take to close after a goodbye.
const farewell = 2 * time.Second

// part says goodbye and waits until the server has closed: only then is the
// session over on its side, and a POP3 mailbox free (RFC 1939 §6).
func (c *Conn) part(ctx context.Context, goodbye func() error) error {
	defer c.Close()
	stop := c.during(ctx)
	err := goodbye()
	stop()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	defer c.during(ctx)()
	_, _ = c.in.Peek(1)
	return nil
}

// LocalAddr is this end of the connection.
func (c *Conn) LocalAddr() net.Addr { return c.socket.LocalAddr() }

// Await waits for the first octets that the server sends and returns those that
// are there, without taking them from what is read next. It tells which
// protocol a port speaks where that is not known.
func (c *Conn) Await(ctx context.Context) ([]byte, error) {
	defer c.during(ctx)()
	if _, err := c.in.Peek(4); err != nil && c.in.Buffered() == 0 {
		return nil, c.broken("read", err)
	}
	return c.in.Peek(c.in.Buffered())
}

// during lets ctx bound what is read and written until stop is called.
func (c *Conn) during(ctx context.Context) (stop func()) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	_ = c.socket.SetDeadline(deadline)
	over := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		_ = c.socket.SetDeadline(time.Unix(1, 0))
		close(over)
	})
	return func() {
		if !cancel() {
			<-over // or it would end the next exchange
		}
	}
}

// send writes one command line. shown stands for it in the transcript.
func (c *Conn) send(line, shown string) error {
	c.record(ClientSide, shown)
	if _, err := io.WriteString(c.net, line+"\r\n"); err != nil {
		return c.broken("send", err)
	}
	return nil
}

// readLine reads one line with its line end. With an error it returns what
// came of the line.
func (c *Conn) readLine() (string, error) {
	line, err := c.readRaw(maxLine)
	if text := strings.TrimRight(line, "\r\n"); line != "" {
		c.record(ServerSide, text)
	}
	if err != nil {
		return line, c.broken("read", err)
	}
	return line, nil
}

// readRaw reads up to a line feed, and no more than limit octets.
func (c *Conn) readRaw(limit int) (string, error) {
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > limit:
			return string(line[:limit]), ErrTooMuch
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		default:
			return string(line), err
		}
	}
}

// broken notes in the transcript how the dialogue ended, and says it.
func (c *Conn) broken(op string, err error) error {
	switch {
	case errors.Is(err, io.EOF):
		c.note("the server closed the connection")
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.note("no answer in time")
	default:
		c.note("%v", err)
	}
	return fmt.Errorf("%s: %w", op, err)
}

// tap is a connection that remembers the first octets received since mark.
type tap struct {
	net.Conn
	first []byte
}

const tapped = 512

func (t *tap) mark() { t.first = nil }

// Read is called by one goroutine at a time, as all reading of a Conn is.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if room := tapped - len(t.first); room > 0 {
		t.first = append(t.first, p[:min(n, room)]...)
	}
	return n, err
}
