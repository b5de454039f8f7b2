//go:build linux

package debian

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"postern/internal/client"
	"postern/internal/lab/leakcheck"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

const (
	host     = "mail.debian.test"
	account  = "alice@debian.test"
	password = "correct horse"
)

// machine starts the daemons with further settings.
func machine(t *testing.T, address, dovecot, postfix string) *tls.Config {
	t.Helper()
	if err := Unavailable(); err != nil {
		t.Skip(err)
	}
	now := time.Now()
	ca, err := pki.NewCA("Debian test", now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(pki.Leaf{Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	m, err := Start(ctx, Options{
		Address: netip.MustParseAddr(address), Host: host, Domain: "debian.test",
		User: account, Password: password, Certificate: cert, Dovecot: dovecot, Postfix: postfix,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Close()
		if t.Failed() {
			t.Log(m.Log())
		}
		if _, err := os.Stat(m.dir); err == nil {
			t.Errorf("left behind: %s", m.dir)
		}
		if conn, err := net.Dial("tcp", address+":143"); err == nil {
			conn.Close()
			t.Error("Dovecot still listens")
		}
	})
	return &tls.Config{ServerName: host, RootCAs: ca.Pool()}
}

func connect(t *testing.T, address string, p ports.Port, config *tls.Config) (client.Session, client.Capabilities, error) {
	t.Helper()
	return client.Connect(t.Context(), client.Endpoint{
		Protocol: p.Protocol, Security: p.Security, TLS: config,
		Address: net.JoinHostPort(address, fmt.Sprint(p.Number)),
	}, client.Options{})
}

// forgiving makes Dovecot answer wrong passwords without its delays.
const forgiving = `auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}`

// Every port that a mail program uses takes a login with the right password and
// refuses one with another.
func TestHealthy(t *testing.T) {
	const address = "127.9.1.1"
	config := machine(t, address, forgiving, "")
	for _, p := range ports.All() {
		if p.Service == "" {
			continue
		}
		t.Run(p.Service, func(t *testing.T) {
			for given, want := range map[string]bool{password: true, "wrong": false} {
				session, capabilities, err := connect(t, address, p, config)
				if err != nil {
					t.Fatal(err)
				}
				reply, err := session.Login(t.Context(), capabilities.Mechanisms()[0], account, secret.New(given))
				if err != nil || reply.OK() != want {
					t.Errorf("%q was answered with %q, %v", given, reply.Raw, err)
				}
				session.Conn().Close()
			}
		})
	}
}

// A further setting wins: people's misconfigurations can be had.
func TestSettings(t *testing.T) {
	const address = "127.9.1.2"
	config := machine(t, address, "ssl = no", "smtpd_tls_key_file = /nonexistent")
	imap, _ := ports.Lookup(143)
	if _, _, err := connect(t, address, imap, config); err == nil {
		t.Error("IMAP has STARTTLS although TLS is off")
	}
	submission, _ := ports.Lookup(587)
	if _, _, err := connect(t, address, submission, config); err == nil || !strings.Contains(err.Error(), "TLS not available") {
		t.Errorf("STARTTLS without a key gave %v", err)
	}
}

// A daemon that can't start is reported with its own words.
func TestCannotStart(t *testing.T) {
	if err := Unavailable(); err != nil {
		t.Skip(err)
	}
	_, err := Start(t.Context(), Options{Address: netip.MustParseAddr("127.9.1.3"), Dovecot: "no_such_setting = yes", Certificate: selfSigned(t)})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("started with %v", err)
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	cert, err := pki.SelfSigned(pki.Leaf{Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestUnavailableSaysWhy(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may")
	}
	if err := Unavailable(); err == nil || !strings.Contains(err.Error(), "root") {
		t.Errorf("without root: %v", err)
	}
}
