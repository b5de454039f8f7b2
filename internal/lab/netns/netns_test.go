package netns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/internal/lab/leakcheck"
)

func TestMain(m *testing.M) {
	Main()
	leakcheck.Main(m)
}

// network gives the test a network, in a child process; in this one it returns nil.
func network(t *testing.T) *Network {
	t.Helper()
	if !Inside() {
		RunTest(t)
		return nil
	}
	n, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// serve answers every connection with where it came from.
func serveOrigin(t *testing.T, n *Network, at string) {
	t.Helper()
	l, err := n.Listen(netip.MustParseAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, c.RemoteAddr().(*net.TCPAddr).IP)
			c.Close()
		}
	}()
}

const patience = 500 * time.Millisecond

func ask(to string) (string, error) {
	c, err := net.DialTimeout("tcp", to, patience)
	if err != nil {
		return "", err
	}
	defer c.Close()
	b := make([]byte, 64)
	k, err := c.Read(b)
	return string(b[:k]), err
}

// What a client sees of each thing that a network does to its connections.
func TestWhatTheClientSees(t *testing.T) {
	n := network(t)
	if n == nil {
		return
	}
	serveOrigin(t, n, "10.77.2.2:993")
	serveOrigin(t, n, "10.77.2.2:143")
	serveOrigin(t, n, "[fd77:2::2]:993")
	steps := []struct {
		name   string
		router string // a command, before
		to     string
		origin string
		err    error
	}{
		{"IPv4", "", "10.77.2.2:993", "10.77.1.2", nil},
		{"IPv6", "", "[fd77:2::2]:993", "fd77:1::2", nil},
		{"closed", "", "10.77.2.2:995", "", syscall.ECONNREFUSED},
		{"filtered", "nft insert rule inet lab forward tcp dport 993 drop", "10.77.2.2:993", "", context.DeadlineExceeded},
		{"filtered, IPv6 too", "", "[fd77:2::2]:993", "", context.DeadlineExceeded},
		{"the other port", "", "10.77.2.2:143", "10.77.1.2", nil},
		{"the filter removed", "nft flush chain inet lab forward", "10.77.2.2:993", "10.77.1.2", nil},
		{"IPv6 blackhole", "ip -6 route add blackhole fd77:2::2/128", "[fd77:2::2]:993", "", context.DeadlineExceeded},
		{"IPv4 beside it", "", "10.77.2.2:993", "10.77.1.2", nil},
		{"prohibited", "ip route add prohibit 10.77.2.2/32", "10.77.2.2:993", "", syscall.EHOSTUNREACH},
	}
	for _, s := range steps {
		if s.router != "" {
			if err := n.Router(strings.Fields(s.router)...); err != nil {
				t.Fatal(err)
			}
		}
		origin, err := ask(s.to)
		if origin != s.origin || !same(err, s.err) {
			t.Errorf("%s: %s gave %q, %v; want %q, %v", s.name, s.to, origin, err, s.origin, s.err)
		}
	}
}

func same(err, want error) bool {
	var timeout net.Error
	if want == context.DeadlineExceeded {
		return errors.As(err, &timeout) && timeout.Timeout()
	}
	return errors.Is(err, want)
}

func TestErrors(t *testing.T) {
	n := network(t)
	if n == nil {
		return
	}
	serveOrigin(t, n, "10.77.2.2:993")
	if _, err := n.Listen(netip.MustParseAddrPort("10.77.2.2:993")); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a taken port gave %v", err)
	}
	if err := n.Router("ip", "route", "add", "nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a bad command gave %v", err)
	}
	if err := n.Server("true"); err != nil {
		t.Error(err)
	}
}

// A process can have one network after the other: of the first, nothing is in
// the way of the second.
func TestOneAfterTheOther(t *testing.T) {
	if !Inside() {
		RunTest(t)
		return
	}
	for range 5 {
		n, err := New()
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Outside, nothing is touched.
func TestOutside(t *testing.T) {
	if Inside() {
		t.Skip("inside a network")
	}
	if _, err := New(); err == nil {
		t.Error("a network was made around a process that was not started for it")
	}
}

func TestPattern(t *testing.T) {
	if got := testPattern("TestA/b.c/d_(e)"); got != `^TestA$/^b\.c$/^d_\(e\)$` {
		t.Error(got)
	}
}

// recorder is a test that only remembers how it ended.
type recorder struct {
	name            string
	failed, skipped string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Name() string                 { return r.name }
func (r *recorder) Logf(string, ...any)          {}
func (r *recorder) Skipf(f string, args ...any)  { r.skipped = fmt.Sprintf(f, args...) }
func (r *recorder) Fatalf(f string, args ...any) { r.failed = fmt.Sprintf(f, args...) }

// A test fails or skips outside as it does inside, and one that is not found fails.
func TestRunTestReportsWhatHappened(t *testing.T) {
	if err := Unavailable(); err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct{ name, failed, skipped string }{
		{"TestPattern", "", ""},
		{"TestOutside", "", "skipped in a network of its own"},
		{"TestFailsInside", "failed in a network of its own: exit status 1", ""},
		{"TestNoSuchTest", "did not run in a network of its own", ""},
	} {
		r := &recorder{name: tt.name}
		RunTest(r)
		if r.failed != tt.failed || r.skipped != tt.skipped {
			t.Errorf("%s: failed %q, skipped %q; want %q, %q", tt.name, r.failed, r.skipped, tt.failed, tt.skipped)
		}
	}
}

func TestFailsInside(t *testing.T) {
	if Inside() {
		t.Fatal("as TestRunTestReportsWhatHappened wants it")
	}
	if _, err := New(); err == nil {
		t.Error("outside a network was made")
	}
}
