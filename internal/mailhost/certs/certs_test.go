package certs

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/config"
	"postern/internal/pki"
)

var quiet = slog.New(slog.DiscardHandler)

// authority makes certificate files.
type authority struct {
	t   *testing.T
	ca  *pki.CA
	dir string
}

func newAuthority(t *testing.T) *authority {
	ca, err := pki.NewCA("test", time.Now().Add(-time.Hour), time.Now().Add(1000*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, ca, t.TempDir()}
}

func (a *authority) write(file string, leaf pki.Leaf) config.CertificateFiles {
	a.t.Helper()
	cert, err := a.ca.Issue(leaf)
	if err != nil {
		a.t.Fatal(err)
	}
	f := config.CertificateFiles{Certificate: filepath.Join(a.dir, file+".pem"), Key: filepath.Join(a.dir, file+".key")}
	if err := pki.Save(f.Certificate, f.Key, cert); err != nil {
		a.t.Fatal(err)
	}
	return f
}

func openTest(t *testing.T, c *config.Config) *Certificates {
	t.Helper()
	s, err := Open(c, quiet, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// modern is a client that takes every kind of certificate.
func modern(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName:        name,
		SupportedVersions: []uint16{tls.VersionTLS13},
		SignatureSchemes:  []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256, tls.PSSWithSHA256},
		SupportedCurves:   []tls.CurveID{tls.CurveP256},
	}
}

func (s *Certificates) shown(t *testing.T, hello *tls.ClientHelloInfo) *x509.Certificate {
	t.Helper()
	cert, err := s.Get(hello)
	if err != nil {
		t.Fatal(err)
	}
	return cert.Leaf
}

func TestChosenBySNI(t *testing.T) {
	a := newAuthority(t)
	s := openTest(t, &config.Config{Certificates: []config.CertificateFiles{
		a.write("first", pki.Leaf{Names: []string{"mail.example.com", "imap.example.com"}}),
		a.write("wild", pki.Leaf{Names: []string{"*.example.org"}}),
		a.write("exact", pki.Leaf{Names: []string{"mail.example.org"}}),
	}})
	for name, want := range map[string]string{
		"mail.example.com":  "mail.example.com",
		"IMAP.Example.Com.": "mail.example.com",
		"mail.example.org":  "mail.example.org",
		"pop.example.org":   "*.example.org",
		"a.b.example.org":   "mail.example.com", // a wildcard is one label
		"elsewhere.example": "mail.example.com",
		"":                  "mail.example.com",
	} {
		if got := s.shown(t, modern(name)).DNSNames[0]; got != want {
			t.Errorf("%q is shown %s, want %s", name, got, want)
		}
	}
}

// TestOldClientGetsRSA: of two certificates for one name, a client gets the one
// that it can use.
func TestOldClientGetsRSA(t *testing.T) {
	a := newAuthority(t)
	s := openTest(t, &config.Config{Certificates: []config.CertificateFiles{
		a.write("ecdsa", pki.Leaf{Names: []string{"mail.example.com"}}),
		a.write("rsa", pki.Leaf{Names: []string{"mail.example.com"}, Key: pki.RSA2048}),
	}})
	if got := s.shown(t, modern("mail.example.com")).PublicKeyAlgorithm; got != x509.ECDSA {
		t.Errorf("a modern client gets %v", got)
	}
	old := &tls.ClientHelloInfo{
		ServerName:        "mail.example.com",
		SupportedVersions: []uint16{tls.VersionTLS12},
		CipherSuites:      []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		SignatureSchemes:  []tls.SignatureScheme{tls.PSSWithSHA256, tls.PKCS1WithSHA256},
		SupportedCurves:   []tls.CurveID{tls.CurveP256},
		SupportedPoints:   []uint8{0},
	}
	if got := s.shown(t, old).PublicKeyAlgorithm; got != x509.RSA {
		t.Errorf("an old client gets %v", got)
	}
}

// TestChangedFilesAreTakenOver: a renewed certificate is served without a
// restart; a broken one changes nothing.
func TestChangedFilesAreTakenOver(t *testing.T) {
	a := newAuthority(t)
	files := a.write("mail", pki.Leaf{Names: []string{"mail.example.com"}})
	s := openTest(t, &config.Config{Certificates: []config.CertificateFiles{files}})
	before := s.shown(t, modern("")).SerialNumber

	s.poll()
	if s.shown(t, modern("")).SerialNumber.Cmp(before) != 0 {
		t.Fatal("changed without a reason")
	}

	if err := os.WriteFile(files.Certificate, []byte("-----BEGIN CERTIFICATE-----\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.poll()
	if s.shown(t, modern("")).SerialNumber.Cmp(before) != 0 {
		t.Fatal("a broken file was taken over")
	}

	a.write("mail", pki.Leaf{Names: []string{"mail.example.com", "new.example.com"}})
	s.poll()
	if got := s.shown(t, modern("")); got.SerialNumber.Cmp(before) == 0 || len(got.DNSNames) != 2 {
		t.Error("the renewed certificate is not served")
	}
}

func TestUnusableFilesAreNamed(t *testing.T) {
	a := newAuthority(t)
	good := a.write("good", pki.Leaf{Names: []string{"mail.example.com"}})
	other := a.write("other", pki.Leaf{Names: []string{"mail.example.org"}})
	mixed := config.CertificateFiles{Certificate: good.Certificate, Key: other.Key}
	missing := config.CertificateFiles{Certificate: "/nowhere/mail.pem", Key: "/nowhere/mail.key"}
	_, err := Open(&config.Config{Certificates: []config.CertificateFiles{good, mixed, missing}}, quiet, prometheus.NewRegistry())
	if err == nil || !strings.Contains(err.Error(), other.Key) || !strings.Contains(err.Error(), "/nowhere/mail.pem") {
		t.Errorf("got %v", err)
	}
}

// TestOwnAuthority: without files, the server makes an authority once and a
// certificate that it renews, and clients that trust the authority trust both.
func TestOwnAuthority(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := &config.Config{Data: dir, Hostname: "mail.example.com"}
		s := openTest(t, c)
		first := s.shown(t, modern(""))
		roots, err := pki.ReadPool(AuthorityFile(dir))
		if err != nil {
			t.Fatal(err)
		}
		trusted := func(cert *x509.Certificate, name string) {
			t.Helper()
			if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: time.Now()}); err != nil {
				t.Error(err)
			}
		}
		trusted(first, "mail.example.com")
		if again := openTest(t, c).shown(t, modern("")); !again.Equal(first) {
			t.Error("a restart made another certificate")
		}

		time.Sleep(pki.LeafLifetime - renewBefore + time.Hour)
		s.poll()
		second := s.shown(t, modern(""))
		if second.Equal(first) {
			t.Error("an old certificate was not renewed")
		}
		trusted(second, "mail.example.com")

		renamed := openTest(t, &config.Config{Data: dir, Hostname: "mx.example.com"})
		trusted(renamed.shown(t, modern("")), "mx.example.com")
	})
}
