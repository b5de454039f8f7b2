// Package certs chooses the certificate that a client sees: by the name it asks
// for (SNI), else the first one. The certificates come from files, which are
// taken over when they change, or from an authority of the server's own that
// lives in the data directory.
//
// A file that can't be used never takes away what is served already. The package
// asks no public authority for certificates.
//
// RFC 6066 §3 (SNI), RFC 9525 (names in certificates).
package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/config"
)

// pollEvery is how often the files are looked at.
const pollEvery = 10 * time.Second

// Certificates are those being served. Get may be called from many goroutines.
type Certificates struct {
	logger  *slog.Logger
	expires *prometheus.GaugeVec
	served  atomic.Pointer[set]

	mu     sync.Mutex // one change at a time
	config *config.Config
	seen   map[string]stamp
}

// set is what is served at one moment; it never changes.
type set struct {
	all    []*tls.Certificate
	byName map[string][]*tls.Certificate // lower case; wildcards as "*.example.com"
}

// stamp tells one state of a file from another.
type stamp struct {
	size     int64
	modified time.Time
}

// Open loads the certificates of a configuration.
func Open(c *config.Config, logger *slog.Logger, metrics prometheus.Registerer) (*Certificates, error) {
	certs := &Certificates{
		logger: logger,
		expires: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "postern_certificate_expires_seconds", Help: "When a served certificate expires, in seconds since 1970.",
		}, []string{"name"}),
	}
	metrics.MustRegister(certs.expires)
	next, err := Prepare(c)
	if err != nil {
		return nil, err
	}
	certs.Use(c, next)
	return certs, nil
}

// Prepared are certificates that were loaded and are not served yet.
type Prepared struct {
	set  *set
	seen map[string]stamp
}

// Prepare loads the certificates of a configuration without serving them, so
// that a reload can see beforehand whether all of it works.
func Prepare(c *config.Config) (*Prepared, error) {
	if len(c.Certificates) == 0 {
		cert, err := ownCertificate(c.Data, c.Hostname, time.Now())
		if err != nil {
			return nil, err
		}
		return &Prepared{newSet([]*tls.Certificate{cert}), map[string]stamp{}}, nil
	}
	seen := stampsOf(c)
	var all []*tls.Certificate
	var problems []error
	for _, files := range c.Certificates {
		cert, err := load(files)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		all = append(all, cert)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &Prepared{newSet(all), seen}, nil
}

// Use serves what was prepared from c.
func (s *Certificates) Use(c *config.Config, p *Prepared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config, s.seen = c, p.seen
	s.served.Store(p.set)
	s.expires.Reset()
	for _, cert := range p.set.all {
		s.expires.WithLabelValues(strings.Join(namesOf(cert.Leaf), " ")).Set(float64(cert.Leaf.NotAfter.Unix()))
		if left := time.Until(cert.Leaf.NotAfter); left < 14*24*time.Hour {
			s.logger.Warn("a certificate expires soon", "names", namesOf(cert.Leaf), "not after", cert.Leaf.NotAfter)
		}
	}
}

// Get chooses a certificate; it is a tls.Config's GetCertificate.
func (s *Certificates) Get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	served := s.served.Load()
	candidates := served.find(strings.ToLower(strings.TrimSuffix(hello.ServerName, ".")))
	for _, cert := range candidates {
		if hello.SupportsCertificate(cert) == nil {
			return cert, nil
		}
	}
	return candidates[0], nil
}

// Names are the names in the certificates being served.
func (s *Certificates) Names() []string {
	var all []string
	for _, cert := range s.served.Load().all {
		all = append(all, namesOf(cert.Leaf)...)
	}
	return all
}

// Watch takes changed files over until ctx ends.
func (s *Certificates) Watch(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.poll()
		case <-ctx.Done():
			return
		}
	}
}

// poll looks whether a file has changed, or the server's own certificate has
// become old.
func (s *Certificates) poll() {
	s.mu.Lock()
	c, seen := s.config, s.seen
	s.mu.Unlock()
	stamps := stampsOf(c)
	changed := len(stamps) != len(seen)
	for file, now := range stamps {
		changed = changed || now != seen[file]
	}
	if !changed && !s.ownIsOld(c) {
		return
	}
	next, err := Prepare(c)
	if err != nil {
		s.logger.Error("changed certificate files can't be used; the certificates from before stay", "error", err)
		s.mu.Lock()
		s.seen = stamps // say it once
		s.mu.Unlock()
		return
	}
	s.Use(c, next)
	s.logger.Info("certificates taken over", "names", s.Names())
}

func (s *Certificates) ownIsOld(c *config.Config) bool {
	return len(c.Certificates) == 0 && time.Until(s.served.Load().all[0].Leaf.NotAfter) < renewBefore
}

func stampsOf(c *config.Config) map[string]stamp {
	stamps := make(map[string]stamp)
	for _, files := range c.Certificates {
		for _, file := range []string{files.Certificate, files.Key} {
			if info, err := os.Stat(file); err == nil {
				stamps[file] = stamp{info.Size(), info.ModTime()}
			}
		}
	}
	return stamps
}

// load reads one certificate and its key.
func load(files config.CertificateFiles) (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("certificate %s: %w; let the server's user read it", files.Certificate, err)
	case err != nil:
		return nil, fmt.Errorf("certificate %s with key %s: %w", files.Certificate, files.Key, err)
	case len(namesOf(cert.Leaf)) == 0:
		return nil, fmt.Errorf("certificate %s has no names (subjectAltName), so that no client can accept it", files.Certificate)
	}
	return &cert, nil
}

func newSet(all []*tls.Certificate) *set {
	s := &set{all: all, byName: make(map[string][]*tls.Certificate)}
	for _, cert := range all {
		for _, name := range namesOf(cert.Leaf) {
			name = strings.ToLower(name)
			s.byName[name] = append(s.byName[name], cert)
		}
	}
	return s
}

// find returns the certificates for a name, which are never none.
func (s *set) find(name string) []*tls.Certificate {
	if found, ok := s.byName[name]; ok {
		return found
	}
	if _, parent, ok := strings.Cut(name, "."); ok {
		if found, ok := s.byName["*."+parent]; ok {
			return found
		}
	}
	return s.all
}

func namesOf(leaf *x509.Certificate) []string {
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}
