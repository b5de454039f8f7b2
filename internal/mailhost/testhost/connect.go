package testhost

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"postern/internal/mailhost/door"
	"postern/internal/wire/ports"
)

// Address is where the port of that number, such as "993", really is.
func (h *Host) Address(number string) (string, error) {
	port, err := h.port(number)
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.listeners[port.Number]
	if l == nil {
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return "", err
		}
		h.listeners[port.Number] = l
		h.serving.Go(func() { h.door.Serve(l, port) })
	}
	return l.Addr().String(), nil
}

func (h *Host) port(number string) (door.Port, error) {
	for _, p := range h.ports {
		if strconv.Itoa(p.Number) == number {
			return p, nil
		}
	}
	return door.Port{}, fmt.Errorf("the host has no port %s", number)
}

// Dial connects to the port of that number.
func (h *Host) Dial(number string) (net.Conn, error) {
	address, err := h.Address(number)
	if err != nil {
		return nil, err
	}
	return net.Dial("tcp", address)
}

// DialTLS connects to the port of that number and shakes hands at once.
func (h *Host) DialTLS(number string) (net.Conn, error) {
	address, err := h.Address(number)
	if err != nil {
		return nil, err
	}
	return tls.Dial("tcp", address, h.TLS)
}

// Farewell is how a session ended of which the client heard everything.
type Farewell struct {
	Last string        // the last line
	At   time.Duration // when it came
	End  time.Duration // when the server hung up
}

// Outlast is a client of a port that says something, in pieces when there are
// more, the next one after each pause, and then hears the server out. It speaks
// over a pipe, so that the time is the test's (testing/synctest).
func (h *Host) Outlast(port door.Port, pause time.Duration, pieces ...string) Farewell {
	h.T.Helper()
	here, there := net.Pipe()
	l := make(listener, 1)
	l <- there
	h.serving.Go(func() { h.door.Serve(l, port) })
	close(l)
	client := net.Conn(here)
	if port.Security == ports.TLS {
		secure := tls.Client(here, h.TLS)
		h.Must(secure.Handshake())
		client = secure
	}
	begin := time.Now()
	var speaking sync.WaitGroup
	speaking.Go(func() {
		for _, piece := range pieces {
			if _, err := io.WriteString(client, piece); err != nil {
				return
			}
			time.Sleep(pause)
		}
	})
	var f Farewell
	for lines := bufio.NewScanner(client); lines.Scan(); {
		f.Last, f.At = lines.Text(), time.Since(begin)
	}
	f.End = time.Since(begin)
	here.Close()
	speaking.Wait()
	return f
}

// listener is one whose connections are made in memory.
type listener chan net.Conn

func (l listener) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (listener) Close() error   { return nil }
func (listener) Addr() net.Addr { return &net.TCPAddr{} }
