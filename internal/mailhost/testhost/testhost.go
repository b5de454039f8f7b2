// Package testhost is the ground floor of a mail host for the tests of the
// front doors: a real store, directory, guard, login and door, with the ports
// of one protocol on the loopback. alice and bob live in it.
//
// Only test files may import it. What it logs is kept with the password that
// was used, so that a run can show that no log holds one (see
// internal/lab/artifacts). It knows no protocol; the test brings the one that
// it tests.
package testhost

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/lab/artifacts"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/store"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// Who lives where.
const (
	Hostname = "mail.example.com"
	Alice    = "alice@example.com"
	Bob      = "bob@example.com"
)

// Options is what a test decides.
type Options struct {
	// Ports are those of the protocol. They have their usual numbers here, and
	// really are where there is room.
	Ports []door.Port
	// Settings changes the configuration, which has wide limits; may be nil.
	Settings func(*config.Config)
	// Protocol makes the front door from what the host has.
	Protocol func(*Host) door.Protocol
}

// Host is a mail host that ends with the test.
type Host struct {
	T         testing.TB
	Store     *store.Store
	Directory *directory.Directory
	Login     *login.Login
	Attempts  *Attempts
	Password  string      // of alice and bob; with spaces
	TLS       *tls.Config // for clients

	settings config.Config
	ports    []door.Port
	door     *door.Server

	mu        sync.Mutex
	listeners map[int]net.Listener // by the port's usual number
	serving   sync.WaitGroup
	stopping  sync.Once
}

// New builds a host.
func New(t testing.TB, o Options) *Host {
	t.Helper()
	h := &Host{
		T: t, Attempts: &Attempts{written: artifacts.Writer(t, "attempts")},
		Password: artifacts.Password(t) + " with spaces ",
		settings: config.Default(), ports: o.Ports, listeners: map[int]net.Listener{},
	}
	h.settings.Hostname = Hostname
	h.settings.Limits.Connections, h.settings.Limits.ConnectionsPerAddress = 10000, 10000
	h.settings.Guard = config.Guard{Window: time.Hour, SlowAfter: 1000, Address: 1000, Network: 1000, Account: 1000, RefuseFor: time.Minute}
	if o.Settings != nil {
		o.Settings(&h.settings)
	}
	logger := slog.New(slog.NewTextHandler(artifacts.Writer(t, "log"), nil))
	h.moveIn(logger)
	gate := guard.New(h.Config)
	h.Login = login.New(gate, h.Directory, h.Attempts)
	h.door = door.NewServer(door.Options{
		Ports:       o.Ports,
		Protocols:   map[ports.Protocol]door.Protocol{o.Ports[0].Protocol: o.Protocol(h)},
		Certificate: h.certificate(),
		Gate:        gate,
		Record:      h.Attempts,
		Logger:      logger,
		Metrics:     prometheus.NewRegistry(),
		Rand:        rand.Reader,
	})
	t.Cleanup(h.Stop)
	return h
}

// moveIn opens the store and gives alice and bob their accounts.
func (h *Host) moveIn(logger *slog.Logger) {
	h.T.Helper()
	ctx := context.Background()
	var err error
	h.Store, err = store.Open(ctx, store.Options{Dir: h.T.TempDir(), Logger: logger})
	h.Must(err)
	h.T.Cleanup(func() { h.Must(h.Store.Close()) })
	h.Directory, err = directory.New(h.Store, nil)
	h.Must(err)
	h.Must(h.Directory.AddDomain(ctx, "example.com"))
	for _, address := range []string{Alice, Bob} {
		_, err := h.Directory.AddAccount(ctx, address, secret.New(h.Password))
		h.Must(err)
	}
}

// certificate makes the host's, and the clients' trust in it.
func (h *Host) certificate() func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	h.T.Helper()
	ca, err := pki.NewCA("test CA", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	h.Must(err)
	cert, err := ca.Issue(pki.Leaf{Names: []string{Hostname}})
	h.Must(err)
	h.TLS = &tls.Config{RootCAs: ca.Pool(), ServerName: Hostname}
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil }
}

// Config is the configuration of now.
func (h *Host) Config() *config.Config { return &h.settings }

// Must ends the test when there is an error.
func (h *Host) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Stop ends the host's sessions as a server that ends does. It may be called
// again.
func (h *Host) Stop() {
	h.stopping.Do(func() {
		h.mu.Lock()
		for _, l := range h.listeners {
			l.Close()
		}
		h.mu.Unlock()
		h.serving.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		h.door.Stop(ctx)
	})
}
