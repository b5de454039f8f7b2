package door

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/pki"
	"postern/internal/wire/ports"
)

// toy is a protocol with just enough in it to see what the door does.
type toy struct{}

func (toy) Refusal(e *fault.Error, session string) string {
	return fmt.Sprintf("NO %s %s (session %s)\r\n", e.Fault, e.Client, session)
}

func (toy) Serve(ctx context.Context, c *Conn) error {
	c.WriteString("HELLO\r\n")
	for {
		line, err := c.ReadLine(20)
		switch {
		case err == ErrBareLF || err == ErrBareCR || err == ErrLineTooLong:
			fmt.Fprintf(c, "BAD %v\r\n", err)
			continue
		case err != nil:
			return err
		}
		switch word := string(line); word {
		case "QUIT":
			c.WriteString("BYE\r\n")
			return nil
		case "PANIC":
			panic("toy is broken")
		case "SECURE":
			if err := c.StartTLS("GO\r\n"); err != nil {
				return err
			}
		case "IDLE":
			fmt.Fprintf(c, "IDLE %v\r\n", c.Idle(ctx, time.Minute))
		case "LOGIN":
			c.SetCommandTimeout(CommandIMAP)
		case "BODY":
			body := make([]byte, 10)
			if _, err := io.ReadFull(c, body); err != nil {
				return err
			}
			fmt.Fprintf(c, "GOT %q\r\n", body)
		case "LARGE":
			n, err := io.CopyN(io.Discard, c, largeBody)
			if err != nil {
				return err
			}
			fmt.Fprintf(c, "GOT %d\r\n", n)
		default:
			fmt.Fprintf(c, "ECHO %s secure=%v\r\n", word, c.Secure())
		}
	}
}

const largeBody = 300_000

// noted keeps attempts.
type noted struct {
	mu  sync.Mutex
	all []activity.Attempt
}

func (n *noted) Record(a activity.Attempt) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, a)
}

func (n *noted) faults() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var ids []string
	for _, a := range n.all {
		ids = append(ids, string(a.Fault))
	}
	return strings.Join(ids, " ")
}

// openGate lets everybody in unless it was told a refusal.
type openGate struct{ refusal *fault.Error }

func (g *openGate) Admit(netip.Addr) (func(), *fault.Error) { return func() {}, g.refusal }

// house is a server with the toy behind every protocol.
type house struct {
	*Server
	ports    map[string]Port // by "protocol/security"
	attempts *noted
	gate     *openGate
	roots    *x509.CertPool
}

func newHouse(t testing.TB) *house {
	t.Helper()
	ca, err := pki.NewCA("toy CA", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(pki.Leaf{Names: []string{"mail.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{
		ports:    map[string]Port{},
		attempts: &noted{},
		gate:     &openGate{},
		roots:    ca.Pool(),
	}
	all := []Port{
		{25, ports.SMTP, ports.StartTLS, ports.Relay},
		{587, ports.SMTP, ports.StartTLS, ports.Submission},
		{465, ports.SMTP, ports.TLS, ports.Submission},
		{110, ports.POP3, ports.StartTLS, ports.Access},
		{995, ports.POP3, ports.TLS, ports.Access},
		{143, ports.IMAP, ports.StartTLS, ports.Access},
		{993, ports.IMAP, ports.TLS, ports.Access},
	}
	for _, p := range all {
		h.ports[fmt.Sprint(p.Number)] = p
	}
	h.Server = NewServer(Options{
		Ports:     all,
		Protocols: map[ports.Protocol]Protocol{ports.SMTP: toy{}, ports.POP3: toy{}, ports.IMAP: toy{}},
		Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &cert, nil
		},
		Gate:    h.gate,
		Record:  h.attempts,
		Logger:  slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry(),
		Rand:    rand.Reader,
	})
	return h
}

// open listens on a port of the loopback for the port of that number, and
// returns its address.
func (h *house) open(t testing.TB, number int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l, h.ports[fmt.Sprint(number)]) }()
	t.Cleanup(func() {
		l.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		h.Stop(ctx)
	})
	return l.Addr().String()
}

// client is the other end.
type client struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, nc)
}

func newClient(t testing.TB, nc net.Conn) *client {
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(30 * time.Second))
	return &client{t, nc, bufio.NewReader(nc)}
}

func (h *house) tlsClient(c *client) *client {
	return newClient(c.t, tls.Client(c.Conn, &tls.Config{RootCAs: h.roots, ServerName: "mail.example.com"}))
}

func (c *client) say(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		c.t.Fatalf("say %q: %v", s, err)
	}
}

// hear reads one line and compares it, with the session's id taken out.
func (c *client) hear(want string) {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatalf("waiting for %q: %v (after %q)", want, err, line)
	}
	if got := withoutSession(strings.TrimSuffix(line, "\r\n")); got != want {
		c.t.Fatalf("heard %q, want %q", got, want)
	}
}

func (c *client) hearEnd() {
	c.t.Helper()
	if line, err := c.r.ReadString('\n'); err != io.EOF || line != "" {
		c.t.Fatalf("heard %q, %v; want the end", line, err)
	}
}

func withoutSession(s string) string {
	at := strings.Index(s, "(session ")
	if at < 0 {
		return s
	}
	return s[:at] + "(session)" + s[at+len("(session ")+idLength+1:]
}
