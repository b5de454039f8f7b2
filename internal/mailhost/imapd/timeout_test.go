package imapd

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/mailhost/door"
)

// pipes is a listener whose connections are made in memory, so that time in
// them is the test's.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A client that says nothing is told so when its time is over: a minute before
// login, half an hour after (RFC 3501 §5.4), and the same in IDLE, where clients
// come back every 29 minutes (RFC 2177 §3).
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		name, said string
		patience   time.Duration
	}{
		{"before login", "", door.BeforeLogin},
		{"after login", "a LOGIN " + alice + " \"" + password + "\"\r\n", door.CommandIMAP},
		{"in IDLE", "a LOGIN " + alice + " \"" + password + "\"\r\nb SELECT INBOX\r\nc IDLE\r\n", door.CommandIMAP},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newClosedHost(t)
				l := make(pipes)
				defer l.Close()
				go h.doors.Serve(l, h.ports["imaps"])
				ours, theirs := net.Pipe()
				defer ours.Close()
				l <- theirs
				conn := tls.Client(ours, h.tls)
				if err := conn.HandshakeContext(context.Background()); err != nil {
					t.Fatal(err)
				}
				go io.WriteString(conn, c.said)
				begin := time.Now()
				said, _ := io.ReadAll(conn)
				if got := time.Since(begin).Round(time.Minute); got != c.patience {
					t.Errorf("ended after %v, want %v", got, c.patience)
				}
				lines := strings.Split(strings.TrimSpace(string(said)), "\r\n")
				if last := lines[len(lines)-1]; !strings.HasPrefix(last, "* BYE ") || !strings.Contains(last, "closing the connection") {
					t.Errorf("ended with %q", last)
				}
			})
		})
	}
}
