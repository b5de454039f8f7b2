package testhost

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"postern/internal/mailhost/door"
	"postern/internal/wire/ports"
)

// Failer is what a test and a model check have in common.
type Failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Talker is a client that speaks line by line. What goes wrong ends its test.
type Talker struct {
	t    Failer
	tls  *tls.Config
	conn net.Conn
	r    *bufio.Reader
}

// Talk connects to a port, encrypted where TLS comes first.
func (h *Host) Talk(t Failer, port door.Port) *Talker {
	t.Helper()
	conn, err := h.Dial(strconv.Itoa(port.Number))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	c := &Talker{t: t, tls: h.TLS, conn: conn, r: bufio.NewReader(conn)}
	if port.Security == ports.TLS {
		c.Encrypt()
	}
	return c
}

// Encrypt shakes hands.
func (c *Talker) Encrypt() {
	c.t.Helper()
	secure := tls.Client(c.conn, c.tls)
	if err := secure.Handshake(); err != nil {
		c.t.Fatalf("TLS: %v", err)
	}
	c.conn, c.r = secure, bufio.NewReader(secure)
}

// Say sends a text as it is.
func (c *Talker) Say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatalf("say %.60q: %v", text, err)
	}
}

// Line hears a line and returns it without its CRLF.
func (c *Talker) Line() string {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// HangUp stops speaking and hears the server out: when it returns, the session
// has let go of everything.
func (c *Talker) HangUp() {
	c.conn.(interface{ CloseWrite() error }).CloseWrite()
	io.Copy(io.Discard, c.r)
}

// Close closes the connection.
func (c *Talker) Close() error { return c.conn.Close() }
