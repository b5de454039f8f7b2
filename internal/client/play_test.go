package client

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/secret"
)

// Dialogues in testdata are played by a server on loopback. Each line is one
// step of it:
//
//	S: text     send text and CRLF
//	S" text     send text with Go's escapes and nothing added
//	C: text     read a line, which must be text
//	READ        wait for something, whatever it is
//	TLS         begin TLS
//	RST         reset the connection
//	SILENCE     keep it open and say nothing
//
// At the end of the file the connection is closed.
func play(t *testing.T, name string, opts Options) *Conn {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	hold := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		(&player{t: t, conn: conn, hold: hold}).run(name, string(text))
	}()
	conn, err := Dial(within(t), listener.Addr().String(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		listener.Close()
		close(hold)
		<-done
	})
	return conn
}

type player struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	hold chan struct{}
}

func (p *player) run(name, text string) {
	p.in = bufio.NewReader(p.conn)
	for n, step := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if err := p.step(step); err != nil {
			p.t.Errorf("%s:%d: %s: %v", name, n+1, step, err)
			return
		}
	}
}

func (p *player) step(step string) error {
	arg := ""
	if len(step) > 3 && step[2] == ' ' {
		arg = step[3:]
	}
	switch {
	case strings.HasPrefix(step, "S:"):
		_, err := p.conn.Write([]byte(arg + "\r\n"))
		return err
	case strings.HasPrefix(step, `S"`):
		raw, err := strconv.Unquote(`"` + arg + `"`)
		if err == nil {
			_, err = p.conn.Write([]byte(raw))
		}
		return err
	case strings.HasPrefix(step, "C:"):
		line, err := p.in.ReadString('\n')
		if got := strings.TrimSuffix(line, "\r\n"); err == nil && got != arg {
			p.t.Errorf("client said %q, expected %q", got, arg)
		}
		return err
	case step == "TLS":
		layer := tls.Server(p.conn, &tls.Config{Certificates: []tls.Certificate{certificate(p.t)}})
		p.conn, p.in = layer, bufio.NewReader(layer)
		return layer.Handshake()
	case step == "READ":
		_, err := p.in.Peek(1)
		return err
	case step == "RST":
		return p.conn.(*net.TCPConn).SetLinger(0)
	case step == "SILENCE":
		<-p.hold
		return nil
	}
	p.t.Errorf("no such step")
	return nil
}

// certificate makes a self-signed certificate for mail.example.com.
func certificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Error(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"mail.example.com"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Error(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

var anyCertificate = &tls.Config{ServerName: "mail.example.com", InsecureSkipVerify: true}

// within gives an exchange ten seconds, which only a failing test needs.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

var password = secret.New("Grünkohl \"23\\")

func withPassword() Options {
	return Options{Hello: "client.example.com", Secrets: []secret.Secret{password}}
}

// shown prints a transcript without its times.
func shown(c *Conn) string {
	var b strings.Builder
	for _, line := range c.Transcript() {
		if line.From != Note {
			b.WriteString(string(line.From) + ": " + line.Text + "\n")
		}
	}
	return b.String()
}

// flooding is a connection to a server that says the same for ever.
func flooding(t *testing.T, text string) *Conn {
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	go io.Copy(io.Discard, far)
	go func() {
		for {
			if _, err := io.WriteString(far, text); err != nil {
				return
			}
		}
	}()
	return newConn(near, Options{}, time.Now())
}
