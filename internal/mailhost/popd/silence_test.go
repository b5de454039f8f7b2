package popd_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence: a client that says nothing is told goodbye, after a login much
// later than before (docs/timeouts.md); and what it has marked stays.
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name, said string
		after      time.Duration
	}{
		{"before login", "", time.Minute},
		{"after login", "USER " + alice + "\r\nPASS «password»\r\nDELE 1\r\n", 10 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.must(h.deliver(alice + ` "a: b\r\n\r\n"`))
				client, server := net.Pipe()
				l := &onePipe{server: server, closed: make(chan struct{})}
				h.listeners = append(h.listeners, l)
				h.serving.Go(func() { h.door.Serve(l, portsOpen["995"]) })
				secure := tls.Client(client, h.tls)
				h.must(secure.Handshake())
				go io.WriteString(secure, strings.ReplaceAll(test.said, "«password»", h.password))
				start, last, got := time.Now(), "", time.Duration(0)
				for lines := bufio.NewScanner(secure); lines.Scan(); {
					last, got = lines.Text(), time.Since(start)
				}
				if !strings.HasPrefix(last, "-ERR [SYS/TEMP] nothing came for too long") {
					t.Errorf("last words are %q", last)
				}
				if got.Round(time.Second) != test.after {
					t.Errorf("goodbye after %v, want %v", got, test.after)
				}
				client.Close()
				h.must(h.holds(alice + " 1"))
			})
		})
	}
}

// onePipe is a listener that one client has come to.
type onePipe struct {
	server net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *onePipe) Accept() (net.Conn, error) {
	var conn net.Conn
	p.once.Do(func() { conn = p.server })
	if conn != nil {
		return conn, nil
	}
	<-p.closed
	return nil, net.ErrClosed
}

func (p *onePipe) Addr() net.Addr { return p.server.LocalAddr() }

func (p *onePipe) Close() error {
	close(p.closed)
	return nil
}
