package door

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLostClients: whoever begins wrongly is answered at once, in the port's
// protocol, and recorded.
func TestLostClients(t *testing.T) {
	const plainIMAP, tlsIMAP, plainSMTP, tlsSMTP = 143, 993, 587, 465
	for _, c := range []struct {
		name   string
		port   int
		say    string
		answer string // "" where the greeting comes first
		fault  string
	}{
		{"SMTP in plain text on 465", tlsSMTP, "EHLO laptop\r\n",
			"NO GW08 this port begins with TLS: choose SSL/TLS for port 465, or STARTTLS with port 587 (session)", "GW08"},
		{"IMAP in plain text on 993", tlsIMAP, "a1 CAPABILITY\r\n",
			"NO GW08 this port begins with TLS: choose SSL/TLS for port 993, or STARTTLS with port 143 (session)", "GW08"},
		{"a command that many protocols have", tlsIMAP, "QUIT\r\n",
			"NO GW08 this port begins with TLS: choose SSL/TLS for port 993, or STARTTLS with port 143 (session)", "GW08"},
		{"POP3 in plain text on 993", tlsIMAP, "USER bob\r\n",
			"NO GW06 this port speaks IMAP, not POP3: for POP3 use port 995 with SSL/TLS (session)", "GW06"},
		{"a browser on 993", tlsIMAP, "GET / HTTP/1.1\r\nHost: mail\r\n\r\n",
			"NO GW05 this port speaks IMAP, not HTTP (session)", "GW05"},
		{"SSH on 993", tlsIMAP, "SSH-2.0-OpenSSH_9.6\r\n",
			"NO GW05 this port speaks IMAP, not SSH (session)", "GW05"},
		{"a load balancer on 993", tlsIMAP, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
			"NO GW16 the PROXY protocol is not expected here: turn it off in the load balancer (session)", "GW16"},
		{"noise on 993", tlsIMAP, "\x80\x00\xff\xfe\x01\r\n",
			"NO GW05 this port speaks IMAP; what came is not (session)", "GW05"},
		// These were once told that TLS is on already.
		{"SSL 2 on 993", tlsIMAP, "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10",
			"NO CL06 this client begins as SSL 2 did, and needs TLS 1.2 at least: update it (session)", "CL06"},
		{"an alert on 993", tlsIMAP, "\x15\x03\x01\x00\x02\x02\x30",
			"NO GW05 a TLS alert came where a session begins (session)", "GW05"},
		{"the middle of TLS on 993", tlsIMAP, "\x17\x03\x03\x00\x20................................",
			"NO GW05 a TLS record came that begins nothing (session)", "GW05"},
		{"a browser on 143", plainIMAP, "GET / HTTP/1.1\r\n",
			"NO GW05 this port speaks IMAP, not HTTP (session)", "GW05"},
		{"SMTP on 143", plainIMAP, "EHLO laptop\r\n",
			"NO GW06 this port speaks IMAP, not SMTP: for SMTP use port 465 with SSL/TLS (session)", "GW06"},
		{"IMAP on 587", plainSMTP, "a1 LOGIN bob x\r\n",
			"NO GW06 this port speaks SMTP, not IMAP: for IMAP use port 993 with SSL/TLS (session)", "GW06"},
		{"TLS on 587", plainSMTP, clientHello,
			"NO GW07 this port begins in plain text: choose STARTTLS for port 587, or SSL/TLS with port 465 (session)", "GW07"},
		{"TLS on 25", 25, clientHello,
			"NO GW07 port 25 begins in plain text and is for other mail servers; to send mail choose SSL/TLS with port 465 (session)", "GW07"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			client := dial(t, h.open(t, c.port))
			client.say(c.say)
			if c.port == plainIMAP || c.port == plainSMTP || c.port == 25 {
				client.hear("HELLO")
			}
			client.hear(c.answer)
			client.hearEnd()
			if got := h.attempts.faults(); got != c.fault {
				t.Errorf("recorded %q, want %q", got, c.fault)
			}
		})
	}
}

// clientHello is enough of one to be known by.
const clientHello = "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03................................"

// TestForeignInsideTLS: a browser that gets its TLS is still a browser.
func TestForeignInsideTLS(t *testing.T) {
	h := newHouse(t)
	c := h.tlsClient(dial(t, h.open(t, 993)))
	c.say("GET / HTTP/1.1\r\n")
	c.hear("HELLO")
	c.hear("NO GW05 this port speaks IMAP, not HTTP (session)")
	c.hearEnd()
}

// TestTLSTwice: a client that begins TLS inside TLS is told so, behind STARTTLS
// too.
func TestTLSTwice(t *testing.T) {
	h := newHouse(t)
	c := h.tlsClient(dial(t, h.open(t, 993)))
	c.say(clientHello)
	c.hear("HELLO")
	c.hear("NO GW07 TLS is on already: the client began it twice (session)")
	c.hearEnd()

	c = dial(t, h.open(t, 143))
	c.hear("HELLO")
	c.say("SECURE\r\n")
	c.hear("GO")
	c = h.tlsClient(c)
	c.say(clientHello)
	c.hear("NO GW07 TLS is on already: the client began it twice (session)")
	c.hearEnd()
}

// TestSuspectIsToldInsideTLS: the first ClientHello on a plain port is answered
// in plain text, which the user never sees; the second inside TLS.
func TestSuspectIsToldInsideTLS(t *testing.T) {
	h := newHouse(t)
	addr := h.open(t, 587)

	first := h.tlsClient(dial(t, addr))
	var record tls.RecordHeaderError
	if _, err := first.Write([]byte("EHLO x\r\n")); !errors.As(err, &record) {
		t.Fatalf("got %v, want a record header error", err)
	}
	waitForFaults(t, h, "GW07")

	second := h.tlsClient(dial(t, addr))
	second.hear("NO GW07 this port begins in plain text: choose STARTTLS for port 587, or SSL/TLS with port 465 (session)")
	second.hearEnd()

	// Whoever shares the address and does it right only waits a moment.
	third := dial(t, addr)
	third.hear("HELLO")
	third.say("QUIT\r\n")
	third.hear("BYE")
	if got := h.attempts.faults(); got != "GW07 GW07" {
		t.Errorf("recorded %q", got)
	}
}

// waitForFaults returns when the server has recorded so much: it does so before
// it answers, but the client of a failed handshake does not read the answer.
func waitForFaults(t *testing.T, h *house, want string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for h.attempts.faults() != want {
		if time.Now().After(deadline) {
			t.Fatalf("recorded %q, want %q", h.attempts.faults(), want)
		}
		time.Sleep(time.Millisecond)
	}
}

// pipeTo serves one end of a pipe on the port of that number and returns the
// other, for tests in a bubble.
func (h *house) pipeTo(t *testing.T, number string) *client {
	here, there := net.Pipe()
	go h.session(pipeConn{there}, h.ports[number])
	return newClient(t, here)
}

// pipeConn gives a pipe an internet address.
type pipeConn struct{ net.Conn }

func (pipeConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4321} }

// TestSilenceOnTLSPort: a client that waits for a greeting on a TLS port gets a
// line after 15 s, not before.
func TestSilenceOnTLSPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		began := time.Now()
		c := h.pipeTo(t, "993")
		c.hear("NO GW08 this port begins with TLS: choose SSL/TLS for port 993, or STARTTLS with port 143 (session)")
		if waited := time.Since(began); waited != FirstByte {
			t.Errorf("answered after %v, want %v", waited, FirstByte)
		}
		c.Close()
		synctest.Wait()
		if a := h.attempts.all[0]; a.Fault != "GW08" || a.Detail != "said nothing for 15 s on a port that begins with TLS" {
			t.Errorf("recorded %+v", a)
		}
	})
}

// TestHoldIsShortAndForgotten: a suspect that waits for the greeting gets it
// after 300 ms, and after 10 minutes without delay.
func TestHoldIsShortAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		greeted := func() time.Duration {
			began := time.Now()
			c := h.pipeTo(t, "143")
			c.hear("HELLO")
			took := time.Since(began)
			c.Close()
			return took
		}
		if d := greeted(); d != 0 {
			t.Errorf("a stranger waited %v", d)
		}
		c := h.pipeTo(t, "143")
		c.hear("HELLO")
		c.say(clientHello)
		c.hear("NO GW07 this port begins in plain text: choose STARTTLS for port 143, or SSL/TLS with port 993 (session)")
		c.Close()
		if d := greeted(); d != Hold {
			t.Errorf("a suspect waited %v, want %v", d, Hold)
		}
		time.Sleep(Suspect + time.Second)
		if d := greeted(); d != 0 {
			t.Errorf("a forgotten suspect waited %v", d)
		}
		synctest.Wait()
	})
}

// TestAnswerSurvivesUnreadBytes: a client that has sent a lot before it reads
// still gets the answer, not a reset.
func TestAnswerSurvivesUnreadBytes(t *testing.T) {
	h := newHouse(t)
	c := dial(t, h.open(t, 993))
	c.say("GET / HTTP/1.1\r\n" + strings.Repeat("X-Padding: 0123456789\r\n", 2000))
	rest, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(rest), "NO GW05 ") {
		t.Errorf("got %q, %v", rest, err)
	}
}
