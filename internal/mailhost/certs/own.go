package certs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"postern/internal/pki"
)

const (
	// ownLifetime is the authority's; its certificates are renewed before they
	// end.
	ownLifetime = 10 * 365 * 24 * time.Hour
	renewBefore = 30 * 24 * time.Hour
)

// AuthorityFile is where the server's own authority is kept, which people give
// to their mail programs to trust.
func AuthorityFile(data string) string { return filepath.Join(data, "ca", "ca.pem") }

// ownCertificate returns the server's own certificate for its host name, making
// and renewing it, and the authority behind it, as needed.
func ownCertificate(data, host string, now time.Time) (*tls.Certificate, error) {
	dir := filepath.Join(data, "ca")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the server's own certificate authority: %w", err)
	}
	certFile, keyFile := filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err == nil && fits(&cert, host, now) {
		return &cert, nil
	}
	ca, err := ownAuthority(data, filepath.Join(dir, "ca.key"), host, now)
	if err != nil {
		return nil, err
	}
	if cert, err = ca.Issue(pki.Leaf{Names: []string{host}}); err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", host, err)
	}
	if err := pki.Save(certFile, keyFile, cert); err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", host, err)
	}
	cert, err = tls.LoadX509KeyPair(certFile, keyFile)
	return &cert, err
}

func fits(cert *tls.Certificate, host string, now time.Time) bool {
	return slices.Contains(cert.Leaf.DNSNames, host) && now.Add(renewBefore).Before(cert.Leaf.NotAfter)
}

// ownAuthority loads the authority, or makes it at the first start.
func ownAuthority(data, keyFile, host string, now time.Time) (*pki.CA, error) {
	certFile := AuthorityFile(data)
	ca, err := pki.LoadCA(certFile, keyFile)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return ca, err
	}
	if ca, err = pki.NewCA("Postern at "+host, now.Add(-time.Hour), now.Add(ownLifetime)); err != nil {
		return nil, err
	}
	return ca, ca.Save(certFile, keyFile)
}
