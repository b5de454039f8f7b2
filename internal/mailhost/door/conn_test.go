package door

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/fault"
)

func TestLinesAndBodies(t *testing.T) {
	h := newHouse(t)
	c := dial(t, h.open(t, 143))
	c.hear("HELLO")
	for _, d := range []struct{ say, hear string }{
		{"one\r\n", "ECHO one secure=false"},
		{"\r\n", "ECHO  secure=false"},
		{"bare\n", "BAD line ends with LF instead of CRLF"},
		{"a\rb\r\n", "BAD line has a CR that is not followed by LF"},
		{"a\r\r\n", "BAD line has a CR that is not followed by LF"},
		{"12345678901234567890\r\n", "ECHO 12345678901234567890 secure=false"},
		{"123456789012345678901\r\n", "BAD line is too long"},
		{"BODY\r\n0123\r\n6789", `GOT "0123\r\n6789"`},
		{"still here\r\n", "ECHO still here secure=false"},
	} {
		c.say(d.say)
		c.hear(d.hear)
	}
	c.say("one\r\ntwo\r\nQUIT\r\n")
	c.hear("ECHO one secure=false")
	c.hear("ECHO two secure=false")
	c.hear("BYE")
	c.hearEnd()
}

func TestStartTLS(t *testing.T) {
	h := newHouse(t)
	c := dial(t, h.open(t, 143))
	c.hear("HELLO")
	c.say("SECURE\r\n")
	c.hear("GO")
	c = h.tlsClient(c)
	c.say("x\r\n")
	c.hear("ECHO x secure=true")
}

// TestInjectionBehindStartTLS: what stands behind STARTTLS in the same segment
// is never executed, neither before nor after the handshake (CVE-2011-0411).
func TestInjectionBehindStartTLS(t *testing.T) {
	h := newHouse(t)
	c := dial(t, h.open(t, 143))
	c.hear("HELLO")
	c.say("SECURE\r\nevil\r\n")
	c.hear("NO TL22 commands after STARTTLS and before TLS are refused (session)")
	c.hearEnd()
	if got := h.attempts.faults(); got != "TL22" {
		t.Errorf("recorded %q", got)
	}
}

func TestPanicEndsOneSessionOnly(t *testing.T) {
	h := newHouse(t)
	addr := h.open(t, 143)
	other := dial(t, addr)
	other.hear("HELLO")
	c := dial(t, addr)
	c.hear("HELLO")
	c.say("PANIC\r\n")
	c.hearEnd()
	other.say("x\r\n")
	other.hear("ECHO x secure=false")
}

// TestRefusedIsTold: the gate's refusal reaches the client in its protocol, on a
// TLS port inside TLS.
func TestRefusedIsTold(t *testing.T) {
	h := newHouse(t)
	h.gate.refusal = &fault.Error{Fault: "RT09", Temporary: true, Client: "banned"}
	plain := dial(t, h.open(t, 143))
	plain.hear("NO RT09 banned (session)")
	plain.hearEnd()
	secure := h.tlsClient(dial(t, h.open(t, 993)))
	secure.hear("NO RT09 banned (session)")
	secure.hearEnd()
	if got := h.attempts.faults(); got != "RT09 RT09" {
		t.Errorf("recorded %q", got)
	}
}

// TestRefusedCertificate: a client that does not trust us is recorded with the
// reason it gave.
func TestRefusedCertificate(t *testing.T) {
	for version, want := range map[uint16]string{tls.VersionTLS12: "TL10", tls.VersionTLS13: "TL10"} {
		h := newHouse(t)
		c := tls.Client(dial(t, h.open(t, 993)), &tls.Config{ServerName: "mail.example.com", MaxVersion: version})
		if err := c.Handshake(); err == nil {
			t.Fatal("an unknown authority was trusted")
		}
		waitForFaults(t, h, want)
	}
}

func TestOldClientIsNamed(t *testing.T) {
	h := newHouse(t)
	c := tls.Client(dial(t, h.open(t, 993)), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err := c.Handshake(); err == nil {
		t.Fatal("TLS 1.1 was accepted")
	}
	waitForFaults(t, h, "CL06")
}

// TestTicketsStayAtHome: a ticket of IMAP resumes nothing at POP3, and STARTTLS
// gives none.
func TestTicketsStayAtHome(t *testing.T) {
	h := newHouse(t)
	cache := tls.NewLRUClientSessionCache(8)
	resumed := func(addr string, greet bool) bool {
		nc := dial(t, addr)
		if greet {
			nc.hear("HELLO")
			nc.say("SECURE\r\n")
			nc.hear("GO")
		}
		tc := tls.Client(nc.Conn, &tls.Config{RootCAs: h.roots, ServerName: "mail.example.com", ClientSessionCache: cache})
		c := newClient(t, tc)
		c.say("QUIT\r\n")
		if !greet {
			c.hear("HELLO")
		}
		c.hear("BYE")
		c.hearEnd()
		return tc.ConnectionState().DidResume
	}
	imap, pop := h.open(t, 993), h.open(t, 995)
	resumed(imap, false)
	if !resumed(imap, false) {
		t.Error("IMAP does not resume its own sessions")
	}
	if resumed(pop, false) {
		t.Error("POP3 resumed a session of IMAP")
	}
	for _, port := range []int{587, 143, 110} {
		cache = tls.NewLRUClientSessionCache(8)
		addr := h.open(t, port)
		resumed(addr, true)
		if resumed(addr, true) {
			t.Errorf("port %d gave a ticket after STARTTLS", port)
		}
	}
}

// TestStop: a session that waits is told and ended; one that does not end is
// cut off when the time is over.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		waiting, idle, stuck := h.runPipe(t, "143"), h.runPipe(t, "143"), h.runPipe(t, "143")
		for _, c := range []*client{waiting, idle, stuck} {
			c.hear("HELLO")
		}
		idle.say("IDLE\r\n")
		stuck.say("BODY\r\n012")
		synctest.Wait()

		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), Goodbye)
		defer cancel()
		stopped := make(chan time.Duration)
		go func() { h.Stop(ctx); stopped <- time.Since(began) }()

		waiting.hear("NO GW03 the server is stopping; try again in a moment (session)")
		waiting.Close()
		idle.hear("IDLE the server is stopping")
		idle.hear("NO GW03 the server is stopping; try again in a moment (session)")
		idle.Close()
		if took := <-stopped; took != Goodbye {
			t.Errorf("stopped after %v, want %v", took, Goodbye)
		}
		if _, err := stuck.r.ReadByte(); err != io.EOF {
			t.Errorf("the stuck session ended with %v", err)
		}
	})
}

// runPipe is pipeTo for a session that Stop waits for.
func (h *house) runPipe(t *testing.T, number string) *client {
	here, there := net.Pipe()
	h.running.Go(func() { h.session(pipeConn{there}, h.ports[number]) })
	return newClient(t, here)
}

func TestDeadlines(t *testing.T) {
	for _, c := range []struct {
		name, say, hear string
		after           time.Duration
	}{
		{"no command", "", "NO  nothing came for too long; closing the connection (session)", BeforeLogin},
		{"half a command", "QUI", "NO  nothing came for too long; closing the connection (session)", RestOfLine},
		{"half a body", "BODY\r\n012", "NO  nothing came for too long; closing the connection (session)", DataRead},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				began := time.Now()
				cl := h.pipeTo(t, "143")
				cl.SetDeadline(time.Time{})
				cl.hear("HELLO")
				if c.say != "" {
					cl.say(c.say)
				}
				cl.hear(c.hear)
				// Naming may add its moment to the first line.
				if took := time.Since(began); took < c.after || took > c.after+Naming {
					t.Errorf("ended after %v, want %v", took, c.after)
				}
				cl.Close()
				synctest.Wait()
			})
		})
	}
}

// TestWake: a wake ends the current Idle, or the next one, and never a wait for
// a command.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.runPipe(t, "143")
		c.hear("HELLO")
		synctest.Wait()
		wake := func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			for conn := range h.sessions {
				conn.Wake()
			}
		}
		wake() // while it waits for a command
		c.say("IDLE\r\n")
		c.hear("IDLE woken")
		c.say("IDLE\r\n")
		synctest.Wait()
		wake() // while it idles
		c.hear("IDLE woken")
		c.say("IDLE\r\n")
		synctest.Wait()
		c.say("QUIT\r\n") // input ends it too, and is not lost
		c.hear("IDLE <nil>")
		c.hear("BYE")
		c.Close()
		synctest.Wait()
	})
}

// TestWaitingHoldsNoBuffer: between two commands there is nothing but the
// connection.
func TestWaitingHoldsNoBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.runPipe(t, "143")
		c.hear("HELLO")
		c.say("x\r\n")
		c.hear("ECHO x secure=false")
		synctest.Wait()
		for conn := range h.sessions {
			if conn.in.buf != nil || conn.out.buf != nil {
				t.Error("a waiting session holds a buffer")
			}
		}
		c.Close()
		synctest.Wait()
	})
}

// TestAlertInPlainText: OpenSSL refuses a certificate with an alert that is not
// encrypted although TLS 1.3 would have it so; the reason is still recorded.
func TestAlertInPlainText(t *testing.T) {
	h := newHouse(t)
	addr := h.open(t, 993)
	nc := dial(t, addr)
	refusing := &alerting{Conn: nc.Conn}
	err := tls.Client(refusing, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}).Handshake()
	if err == nil {
		t.Fatal("the handshake went through")
	}
	waitForFaults(t, h, "TL12")
}

// alerting sends unknown_ca in plain text instead of the client's second flight.
type alerting struct {
	net.Conn
	writes int
}

func (c *alerting) Write(p []byte) (int, error) {
	if c.writes++; c.writes > 1 {
		c.Conn.Write([]byte{21, 3, 3, 0, 2, 2, 48})
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(p)
}

// TestLeavingWithoutEncryption: a client whose settings say "no security" sees
// that it can't log in and leaves; its owner finds out why.
func TestLeavingWithoutEncryption(t *testing.T) {
	h := newHouse(t)
	addr := h.open(t, 143)
	looker := dial(t, addr) // says nothing: a port scan is nobody's settings
	looker.hear("HELLO")
	looker.Close()
	c := dial(t, addr)
	c.hear("HELLO")
	c.say("x\r\n")
	c.hear("ECHO x secure=false")
	c.Close()
	waitForFaults(t, h, "GW09")
}
