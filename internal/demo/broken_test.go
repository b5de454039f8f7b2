package demo

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/lab/script"
	"postern/internal/pki"
)

// Each thing that does not hold ends the demo with 1, and is named.
func TestWhatDoesNotHold(t *testing.T) {
	tests := []struct {
		name   string
		broken func(t *testing.T, dir string)
		want   string // in the error
	}{
		{"listener closed", closeListener, "127.0.0.1:10110: refused"},
		{"listener closed on IPv6", closeListener6, "[::1]:10026: refused"},
		{"port taken", takePort, "can't open port 10993 for imap on 127.0.0.1: it is taken by"},
		{"DNS port taken", takeDNSPort, "start DNS server: listen tcp 127.0.0.1:10053: bind: address already in use"},
		{"certificate for another name", otherCertificate, "certificate is valid for mail.example.test, not mail.demo.test"},
		{"certificate from elsewhere", otherAuthority, "certificate signed by unknown authority"},
		{"message dropped", dropMessages, "the letter was accepted and is not there"},
		{"data directory in the way", fileInTheWay, "make the data directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !alone(t) {
				return
			}
			dir := filepath.Join(t.TempDir(), "data")
			tt.broken(t, dir)
			got := once(t, "--data", dir)
			if got.code != 1 || !strings.Contains(got.errors, tt.want) {
				t.Errorf("exit code %d, %q; want 1, %q\n%s", got.code, got.errors, tt.want, got.screen)
			}
		})
	}
}

func closeListener(t *testing.T, _ string) {
	shell(t, "nft add table inet closed")
	shell(t, "nft add chain inet closed in { type filter hook input priority 0 ; }")
	shell(t, "nft add rule inet closed in ip daddr 127.0.0.1 tcp dport 10110 reject with tcp reset")
}

func closeListener6(t *testing.T, _ string) {
	shell(t, "nft add table inet closed")
	shell(t, "nft add chain inet closed in { type filter hook input priority 0 ; }")
	shell(t, "nft add rule inet closed in ip6 daddr ::1 tcp dport 10026 reject with tcp reset")
}

func takePort(t *testing.T, _ string)    { listen(t, "127.0.0.1:10993") }
func takeDNSPort(t *testing.T, _ string) { listen(t, "127.0.0.1:10053") }

func listen(t *testing.T, at string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// authority puts an authority where the demo keeps its own, and returns it.
func authority(t *testing.T, dir string) *pki.CA {
	t.Helper()
	now := time.Now()
	ca, err := pki.NewCA("Test authority", now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = ca.Save(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// certify puts a certificate where the demo keeps its own.
func certify(t *testing.T, dir string, ca *pki.CA, name string) tls.Certificate {
	t.Helper()
	cert, err := ca.Issue(pki.Leaf{Names: []string{name}})
	if err == nil {
		err = pki.Save(filepath.Join(dir, "mail.pem"), filepath.Join(dir, "mail.key"), cert)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func otherCertificate(t *testing.T, dir string) {
	certify(t, dir, authority(t, dir), "mail.example.test")
}

func otherAuthority(t *testing.T, dir string) {
	first := authority(t, dir)
	authority(t, dir) // in its place
	certify(t, dir, first, "mail.demo.test")
}

// dropMessages puts a server in the way of submission that is believed, because
// it has the demo's certificate, and throws away what it accepts.
func dropMessages(t *testing.T, dir string) {
	cert := certify(t, dir, authority(t, dir), "mail.demo.test")
	const password = "known-to-the-test"
	if err := os.WriteFile(filepath.Join(dir, "alice.password"), []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	thief := &script.Server{
		Script:   script.SMTP(),
		TLS:      &tls.Config{Certificates: []tls.Certificate{cert}},
		Vars:     map[string]string{"host": "mail.demo.test"},
		Accounts: map[string]string{"alice@demo.test": password},
	}
	if err := thief.Start(listen(t, "127.0.0.1:30587")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(thief.Close)
	shell(t, "nft add table ip diverted")
	shell(t, "nft add chain ip diverted out { type nat hook output priority -100 ; }")
	shell(t, "nft add rule ip diverted out tcp dport 10587 redirect to :30587")
}

func fileInTheWay(t *testing.T, dir string) {
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}
