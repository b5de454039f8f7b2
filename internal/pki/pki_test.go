package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const host = "mail.example.test"

func newTestCA(t *testing.T) *CA {
	t.Helper()
	now := time.Now()
	ca, err := NewCA("Example Root", now.AddDate(-5, 0, 0), now.AddDate(5, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func parsed(t *testing.T, cert tls.Certificate) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	for _, der := range cert.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, c)
	}
	return chain
}

// Every certificate that a server may present, and what a client says to it.
func TestHandshakeWithEachCertificate(t *testing.T) {
	ca := newTestCA(t)
	between, err := ca.Intermediate("Example Issuing")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	tests := []struct {
		name   string
		issue  func(Leaf) (tls.Certificate, error)
		leaf   Leaf
		refuse any // pointer to the error type that the client's handshake must end with
		reason string
	}{
		{name: "right", issue: ca.Issue, leaf: Leaf{Names: []string{host}}},
		{name: "right by intermediate", issue: between.Issue, leaf: Leaf{Names: []string{host}}},
		{name: "right with RSA", issue: ca.Issue, leaf: Leaf{Names: []string{host}, Key: RSA2048}},
		{name: "right with Ed25519", issue: ca.Issue, leaf: Leaf{Names: []string{host}, Key: Ed25519}},
		{
			name: "expired", issue: ca.Issue,
			leaf:   Leaf{Names: []string{host}, NotBefore: now.AddDate(0, -4, 0), NotAfter: now.AddDate(0, 0, -3)},
			refuse: new(x509.CertificateInvalidError), reason: "expired",
		},
		{
			name: "not yet valid", issue: ca.Issue,
			leaf:   Leaf{Names: []string{host}, NotBefore: now.AddDate(0, 0, 3), NotAfter: now.AddDate(0, 3, 0)},
			refuse: new(x509.CertificateInvalidError), reason: "not yet valid",
		},
		{
			name: "other name", issue: ca.Issue, leaf: Leaf{Names: []string{"srv7.example.test"}},
			refuse: new(x509.HostnameError), reason: "srv7.example.test",
		},
		{
			name: "address only", issue: ca.Issue, leaf: Leaf{IPs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}},
			refuse: new(x509.HostnameError), reason: host,
		},
		{
			name: "self-signed", issue: SelfSigned, leaf: Leaf{Names: []string{host}},
			refuse: new(x509.UnknownAuthorityError), reason: "unknown authority",
		},
		{
			name: "unknown authority", issue: newTestCA(t).Issue, leaf: Leaf{Names: []string{host}},
			refuse: new(x509.UnknownAuthorityError), reason: "unknown authority",
		},
		{
			name: "intermediate missing", issue: between.Issue, leaf: Leaf{Names: []string{host}, OmitIntermediates: true},
			refuse: new(x509.UnknownAuthorityError), reason: "unknown authority",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cert, err := tt.issue(tt.leaf)
			if err != nil {
				t.Fatal(err)
			}
			err = handshake(cert, ca.Pool())
			if tt.refuse == nil {
				if err != nil {
					t.Fatalf("handshake: %v", err)
				}
				return
			}
			if !errors.As(err, tt.refuse) || !strings.Contains(err.Error(), tt.reason) {
				t.Fatalf("handshake ended with %v, want %T with %q", err, tt.refuse, tt.reason)
			}
		})
	}
}

func handshake(cert tls.Certificate, roots *x509.CertPool) error {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.Copy(io.Discard, c) // the first read does the handshake
			c.Close()
		}
	}()
	c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: host, RootCAs: roots})
	if err != nil {
		return err
	}
	return c.Close()
}

// The trust in a chain is a matter of who signed it, not of its dates.
func TestInspect(t *testing.T) {
	ca := newTestCA(t)
	between, err := ca.Intermediate("Example Issuing")
	if err != nil {
		t.Fatal(err)
	}
	expired := Leaf{
		Names:     []string{host, "mx.example.test"},
		IPs:       []netip.Addr{netip.MustParseAddr("127.0.0.9")},
		NotBefore: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		NotAfter:  time.Date(2026, 4, 2, 3, 4, 5, 0, time.UTC),
	}
	omitted := expired
	omitted.OmitIntermediates = true
	tests := []struct {
		name    string
		issue   func(Leaf) (tls.Certificate, error)
		leaf    Leaf
		host    string
		want    Trust
		matches bool
		length  int
	}{
		{"expired, known root", ca.Issue, expired, host, Trusted, true, 1},
		{"expired, by intermediate", between.Issue, expired, host, Trusted, true, 2},
		{"address named", ca.Issue, expired, "127.0.0.9", Trusted, true, 1},
		{"address not named", ca.Issue, expired, "127.0.0.10", Trusted, false, 1},
		{"other name", ca.Issue, expired, "www.example.test", Trusted, false, 1},
		{"intermediate missing", between.Issue, omitted, host, UnknownIssuer, true, 1},
		{"unknown root", newTestCA(t).Issue, expired, host, UnknownIssuer, true, 1},
		{"self-signed", SelfSigned, expired, host, SelfIssued, true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cert, err := tt.issue(tt.leaf)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Inspect(parsed(t, cert), tt.host, ca.Pool())
			if err != nil {
				t.Fatal(err)
			}
			if got.Trust != tt.want || got.MatchesHost != tt.matches || got.ChainLength != tt.length {
				t.Errorf("trust %s, matches %v, length %d; want %s, %v, %d",
					got.Trust, got.MatchesHost, got.ChainLength, tt.want, tt.matches, tt.length)
			}
			if !got.NotAfter.Equal(expired.NotAfter) || got.Key != "ECDSA P-256" || got.Signature != "ECDSA-SHA256" {
				t.Errorf("notAfter %v, key %q, signature %q", got.NotAfter, got.Key, got.Signature)
			}
			if names := strings.Join(got.Names, " "); names != host+" mx.example.test 127.0.0.9" {
				t.Errorf("names %q", names)
			}
		})
	}
	if _, err := Inspect(nil, host, ca.Pool()); err == nil {
		t.Error("an empty chain gave no error")
	}
}

// What was saved comes back and can issue certificates that the saved root vouches for.
func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key")
	if _, err := LoadCA(certFile, keyFile); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("load from nothing: %v", err)
	}
	ca := newTestCA(t)
	if err := ca.Save(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadCA(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := loaded.Issue(Leaf{Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := ReadPool(certFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := handshake(cert, pool); err != nil {
		t.Error(err)
	}

	leafCert, leafKey := filepath.Join(dir, "mail.pem"), filepath.Join(dir, "mail.key")
	if err := Save(leafCert, leafKey, cert); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(leafCert, leafKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := handshake(pair, pool); err != nil {
		t.Error(err)
	}
	if _, err := LoadCA(leafCert, leafKey); err == nil {
		t.Error("a server's certificate was loaded as an authority")
	}
	assertModes(t, dir)
}

// Keys are for their owner's eyes, and saving leaves nothing else behind.
func assertModes(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]fs.FileMode{"ca.pem": 0o644, "ca.key": 0o600, "mail.pem": 0o644, "mail.key": 0o600}
	if len(entries) != len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want[e.Name()] {
			t.Errorf("%s has mode %04o, want %04o", e.Name(), info.Mode().Perm(), want[e.Name()])
		}
	}
	if err := os.Chmod(filepath.Join(dir, "ca.key"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCA(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key")); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read was loaded: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	ca := newTestCA(t)
	if _, err := ca.Issue(Leaf{}); err == nil {
		t.Error("a certificate without names was issued")
	}
	if _, err := ca.Issue(Leaf{Names: []string{host}, Key: "dsa"}); err == nil {
		t.Error("a key of an unknown type was made")
	}
	between, err := ca.Intermediate("Example Issuing")
	if err != nil {
		t.Fatal(err)
	}
	if err := between.Save(filepath.Join(t.TempDir(), "c"), filepath.Join(t.TempDir(), "k")); err == nil {
		t.Error("an intermediate was saved as a root")
	}
	if _, err := ReadPool(os.DevNull); err == nil {
		t.Error("an empty file gave a pool")
	}
}
