package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"postern/internal/lab/debian"
	"postern/internal/lab/dnsserver"
	"postern/internal/lab/netns"
	"postern/internal/lab/script"
	"postern/internal/wire/ports"
)

// Start builds the scenario's surroundings: on loopback with ports that are
// free, or in the network of this process with the standard ports. The caller
// stops what it gets; after an error nothing is left.
func (s Scenario) Start(ctx context.Context, r *Rand) (_ *Running, err error) {
	if s.Namespace && !netns.Inside() {
		return nil, fmt.Errorf("start %s: %w", s.ID, ErrNeedsNamespace)
	}
	if s.Debian {
		if err := debian.Unavailable(); err != nil {
			return nil, fmt.Errorf("start %s: %w: %w", s.ID, ErrUnavailable, err)
		}
	}
	run := &Running{Counter: new(script.Counter)}
	defer func() {
		if err != nil {
			run.Stop()
			err = fmt.Errorf("start %s: %w", s.ID, err)
		}
	}()
	w, err := newWorld(r)
	if err != nil {
		return nil, err
	}
	if s.Namespace {
		if err := w.joinNetwork(ctx, run); err != nil {
			return nil, err
		}
	}
	if s.Debian {
		w.daemons = new(debian.Options)
	}
	for _, change := range s.changes {
		if change != nil {
			change(w)
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	return run, w.start(ctx, run)
}

// joinNetwork moves the server from loopback to the server host of a network.
func (w *world) joinNetwork(ctx context.Context, run *Running) error {
	network, err := netns.New()
	if err != nil {
		return err
	}
	run.onStop(func() { network.Close() })
	w.network, w.v4, w.v6 = network, netns.ServerV4, netns.ServerV6
	w.publish()
	return nil
}

// start opens the listeners, then the DNS server that publishes them, and
// writes the user's files.
func (w *world) start(ctx context.Context, run *Running) error {
	cert, err := w.issue(w.leaf)
	if err != nil {
		return err
	}
	w.tls.Certificates = []tls.Certificate{cert}
	if w.daemons != nil {
		err = w.startDaemons(ctx, run)
	} else {
		err = w.startScripts(run)
	}
	if err != nil {
		return err
	}
	resolver, err := dnsserver.Start(netip.MustParseAddrPort("127.0.0.1:0"), w.zone())
	if err != nil {
		return err
	}
	run.onStop(func() { resolver.Close() })
	run.Resolver = resolver.Addr()
	run.Target, run.User, run.Password = w.target(), w.user, w.typedPassword
	return w.writeFiles(run)
}

// startScripts runs every service's script.
func (w *world) startScripts(run *Running) error {
	for _, s := range w.services {
		if err := w.serve(s, run); err != nil {
			return err
		}
	}
	return nil
}

// serve listens on every address of the server and runs the service's script there.
func (w *world) serve(s *service, run *Running) error {
	addresses := []netip.Addr{w.v4}
	if w.v6.IsValid() {
		addresses = append(addresses, w.v6)
	}
	for _, address := range addresses {
		l, err := w.listen(netip.AddrPortFrom(address, w.port(s)))
		if err != nil {
			return err
		}
		s.addr = l.Addr().(*net.TCPAddr).AddrPort()
		if s.down {
			l.Close() // the number stays published, and refused
			continue
		}
		server := &script.Server{
			Script:   s.script,
			TLS:      &w.tls,
			Implicit: s.Security == ports.TLS && !s.naked,
			Vars:     map[string]string{"host": w.host},
			Accounts: map[string]string{w.user: w.password},
			Counter:  run.Counter,
		}
		if err := server.Start(l); err != nil {
			return fmt.Errorf("%s: %w", s.Service, err)
		}
		run.onStop(server.Close)
	}
	return nil
}

// port is any free port on loopback, and the standard one in a network of its own.
func (w *world) port(s *service) uint16 {
	if w.network == nil {
		return 0
	}
	return uint16(s.Number)
}

func (w *world) listen(at netip.AddrPort) (net.Listener, error) {
	if w.network != nil {
		return w.network.Listen(at)
	}
	return net.Listen("tcp", at.String())
}

// writeFiles puts the user's password and roots where only he can read them.
func (w *world) writeFiles(run *Running) error {
	dir, err := os.MkdirTemp("", "postern-lab-")
	if err != nil {
		return err
	}
	run.onStop(func() { os.RemoveAll(dir) })
	run.PasswordFile = filepath.Join(dir, "password")
	run.CAFile = filepath.Join(dir, "roots.pem")
	return errors.Join(
		os.WriteFile(run.PasswordFile, []byte(w.typedPassword+"\n"), 0o600),
		os.WriteFile(run.CAFile, w.root.PEM(), 0o600),
	)
}
