package smtpd_test

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/mailhost/door"
	"postern/internal/wire/ports"
)

// TestSilence: a client that says nothing is told goodbye, and when, depends on
// who it is (docs/timeouts.md).
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name  string
		role  ports.Role
		said  string
		after time.Duration
	}{
		{"stranger at the port for servers", ports.Relay, "", time.Minute},
		{"server", ports.Relay, "EHLO mx", 5 * time.Minute},
		{"server in a transaction", ports.Relay, "EHLO mx\r\nMAIL FROM:<>", 5 * time.Minute},
		{"person before login", ports.Submission, "EHLO c", time.Minute},
		{"message that stops coming", ports.Relay, "EHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nhalf", 3 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				client, server := net.Pipe()
				l := &onePipe{server: server, closed: make(chan struct{})}
				h.listeners["pipe"] = l
				h.serving.Go(func() { h.door.Serve(l, door.Port{Protocol: ports.SMTP, Security: ports.StartTLS, Role: test.role}) })
				if test.said != "" {
					go client.Write([]byte(test.said + "\r\n"))
				}
				start, last, got := time.Now(), "", time.Duration(0)
				for lines := bufio.NewScanner(client); lines.Scan(); {
					last, got = lines.Text(), time.Since(start)
				}
				if !strings.HasPrefix(last, "421 4.3.0 nothing came for too long") {
					t.Errorf("last words are %q", last)
				}
				if got.Round(time.Second) != test.after {
					t.Errorf("goodbye after %v, want %v", got, test.after)
				}
				client.Close()
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
