package script

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/internal/pki"
)

const (
	host     = "mail.example.test"
	password = `a "b\ c{}é`
)

// client is a socket that reads lines.
type client struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

// start runs a server and returns how to connect to it. Closing the server at
// the end must leave nothing behind.
func start(t *testing.T, s *Server) (dial func() *client) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.Vars == nil {
		s.Vars = map[string]string{"host": host}
	}
	if err := s.Start(l); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return func() *client {
		t.Helper()
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		return &client{t, conn, bufio.NewReader(conn)}
	}
}

func (c *client) line() string {
	c.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		c.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

func (c *client) starttls() {
	c.Helper()
	conn := tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := conn.Handshake(); err != nil {
		c.Fatal(err)
	}
	c.Conn, c.in = conn, bufio.NewReader(conn)
}

func certificate(t *testing.T) *tls.Config {
	t.Helper()
	cert, err := pki.SelfSigned(pki.Leaf{Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

// Each dialogue that comes with the package, as its client sees it.
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.dialogue")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues: ", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".dialogue"), "-")
			implicit := strings.Contains(string(text), "\nimplicit\n")
			dial := start(t, &Server{
				Script: Dialogue(name), TLS: certificate(t), Implicit: implicit,
				Accounts: map[string]string{"bob": password},
			})
			converse(dial(), string(text))
		})
	}
}

// converse sends the lines that begin with "C: " and expects those with "S: ".
func converse(c *client, text string) {
	c.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch kind, rest, _ := strings.Cut(line, " "); kind {
		case "#":
		case "C:":
			c.Write([]byte(rest + "\r\n"))
		case "S:":
			if got := c.line(); got != rest {
				c.Fatalf("server said %q, want %q", got, rest)
			}
		case "starttls", "implicit":
			c.starttls()
		case "end":
			if rest, err := c.in.ReadString('\n'); err != io.EOF {
				c.Fatalf("at the end came %q, %v", rest, err)
			}
		default:
			c.Fatalf("bad line in dialogue: %q", line)
		}
	}
}

// Every way of leaving a client, as the client sees it.
func TestEndings(t *testing.T) {
	tests := []struct {
		script string
		read   string // all that comes before the end
		err    error  // how it ends; nil is end of file
	}{
		{"connect\n  close", "", nil},
		{"connect\n  wait 20ms\n  reset", "", syscall.ECONNRESET},
		{"connect\n  S: 220 hi\n  close", "220 hi\r\n", nil},
		{"connect\n  raw \"220-half a li\"\n  close", "220-half a li", nil},
		{"connect\n  S: {host}\n  wait 1ms\n  raw \"\\x00\\xff\"\n  close", host + "\r\n\x00\xff", nil},
	}
	for _, tt := range tests {
		t.Run(tt.script, func(t *testing.T) {
			c := start(t, &Server{Script: Parse(tt.script)})()
			got, err := io.ReadAll(c)
			if string(got) != tt.read || !errors.Is(err, tt.err) {
				t.Errorf("read %q, %v; want %q, %v", got, err, tt.read, tt.err)
			}
		})
	}
}

// A FIN stays a FIN when the client has said something that nobody read.
func TestCloseWithUnreadBytes(t *testing.T) {
	c := start(t, &Server{Script: Parse("connect\n  wait 20ms\n  close")})()
	c.Write([]byte("\x16\x03\x01 a ClientHello\r\n"))
	if got, err := io.ReadAll(c); err != nil || len(got) != 0 {
		t.Errorf("read %q, %v; want the end of file", got, err)
	}
}

// Silence lasts until the client or the server ends it.
func TestSilence(t *testing.T) {
	s := &Server{Script: IMAP().With("connect\n  silent")}
	c := start(t, s)()
	c.SetDeadline(time.Now().Add(30 * time.Millisecond))
	c.Write([]byte("a NOOP\r\n"))
	if line, err := c.in.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent server said %q, %v", line, err)
	}
	s.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if line, err := c.in.ReadString('\n'); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after Close came %q, %v", line, err)
	}
}

// With changes the blocks that it names and nothing else.
func TestWith(t *testing.T) {
	s := IMAP().With(`
let banner = Dovecot ready.
C: {tag} STARTTLS
  S: {tag} NO no key
C: {tag} XFROB ...
  wait 1ms
  S: {tag} NO never heard
`)
	dial := start(t, &Server{Script: s, TLS: certificate(t)})
	converse(dial(), `S: * OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID STARTTLS LOGINDISABLED] Dovecot ready.
C: a STARTTLS
S: a NO no key
C: b XFROB x
S: b NO never heard
C: c NOOP
S: c OK NOOP completed.`)
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name   string
		script *Script
		want   string
	}{
		{"unknown block", Parse("conect\n"), "line 1: want connect"},
		{"unknown action", Parse("connect\n  say hello"), `line 2: no such action: "say hello"`},
		{"too many words", Parse("connect\n  close now"), `no such action: "close now"`},
		{"no such time", Parse("connect\n  wait long"), "line 2: time: invalid duration"},
		{"step before block", Parse("  S: 220"), "line 1: a step outside a block"},
		{"undefined name", Parse("connect\n  S: 220 {hsot}"), "line 2: nothing defines {hsot}"},
		{"rest in the middle", Parse("C: A ... B"), "line 1: ... stands only at the end"},
		{"let without value", Parse("let banner"), "line 1: want let name = value"},
		{"bad quoting", Parse("connect\n  raw 220"), "line 2: invalid syntax"},
		{"in a change", IMAP().With("C: {tag} NOOP\n  S: {tga} OK"), "nothing defines {tga}"},
		{"bad change", IMAP().With("gibberish"), "line 1: want connect"},
		{"no such dialogue", Dialogue("gopher"), `no dialogue "gopher"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			s := &Server{Script: tt.script, Vars: map[string]string{"host": host}}
			err = s.Start(l)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
				t.Error("the listener stayed open")
			}
		})
	}
}

// The counter sees sessions from their first line on, on all servers that share it.
func TestCounter(t *testing.T) {
	counter := new(Counter)
	accounts := map[string]string{"bob": password}
	imap := start(t, &Server{Script: IMAP(), TLS: certificate(t), Implicit: true, Accounts: accounts, Counter: counter})
	pop3 := start(t, &Server{Script: POP3(), TLS: certificate(t), Counter: counter})

	greeted := pop3()
	greeted.line() // connected and greeted, but no session
	first, second := imap(), imap()
	for _, c := range []*client{first, second} {
		c.starttls()
		c.line()
	}
	converse(first, "C: a LOGIN bob wrong\nS: a NO [AUTHENTICATIONFAILED] Authentication failed.")
	converse(second, "C: a AUTHENTICATE PLAIN AGJvYgBhICJiXCBje33DqQ==\nS: a OK [CAPABILITY IMAP4rev1 LITERAL+ ID NAMESPACE UIDPLUS] Logged in")
	converse(first, "C: b LOGOUT\nS: * BYE Logging out\nS: b OK Logout completed.\nend")
	want := Counts{Connections: 3, Sessions: 2, PeakSessions: 2, Logins: 2, Failed: 1}
	if got := counter.Counts(); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// What a client sends never ends a server: endless lines and literals end the
// session, and the next client is served.
func TestHostileClients(t *testing.T) {
	for _, script := range []*Script{IMAP(), POP3(), SMTP()} {
		dial := start(t, &Server{Script: script, TLS: certificate(t)})
		for _, bytes := range []string{
			strings.Repeat("x", 2*lineLimit),
			"a LOGIN {99999999}\r\n",
			"a LOGIN {99999999999999999999}\r\n",
			"a STARTTLS\r\nnot a handshake\r\n",
			"STLS\r\nnot a handshake\r\n",
			"\x00\xff\"\\\r\n\r\n \r\n",
		} {
			c := dial()
			c.line()
			c.Write([]byte(bytes))
			c.Conn.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, c)
		}
		if line := dial().line(); !strings.Contains(line, host) {
			t.Errorf("afterwards the server says %q", line)
		}
	}
}
