// Package demo shows Postern at work on one machine: a mail host on every port
// for the domain demo.test, a message sent and fetched, and the doctor's report
// on it.
//
// It does what anyone could do by hand. The mail host and the doctor are child
// processes, started from the same binary and spoken to over sockets; the
// message goes through the ports that a mail program would use. Everything
// listens on loopback only. The package knows neither wing from the inside.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"postern/internal/lab/dnsserver"
	"postern/internal/wire/ports"
)

// The domain and the accounts of the demo.
const (
	domain = "demo.test"
	host   = "mail." + domain
	alice  = "alice@" + domain
	bob    = "bob@" + domain
)

// preparation is how long everything up to the report may take.
const preparation = 30 * time.Second

// Options of a demo.
type Options struct {
	Program string       // the postern binary, for the children
	Command string       // how the user would start it
	Dir     string       // data directory, kept; empty: a temporary one
	Offset  ports.Offset // added to the standard ports, and to DNS's 53
	Once    bool         // end after the report
	Out     io.Writer
}

// demo is a run.
type demo struct {
	Options
	home      *home
	addresses []netip.Addr // loopback, the kinds that this machine has
	resolver  netip.AddrPort
	server    *server
	screen    *screen
}

// Run shows the demo and, unless it is to run once, stays until ctx ends. The
// error is the first thing that did not hold. Whatever happens, its children
// are gone afterwards, and so is its data if that was temporary.
func Run(ctx context.Context, o Options) (err error) {
	d := &demo{Options: o, addresses: loopback(), screen: &screen{out: o.Out}}
	if d.home, err = openHome(o.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.home.close()) }()

	ready, cancel := context.WithTimeout(ctx, preparation)
	defer cancel()
	stop, err := d.start(ready)
	if err != nil {
		return d.unlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := d.present(ready); err != nil {
		return d.unlessStopped(ctx, err)
	}
	if o.Once {
		return nil
	}
	return d.stay(ctx)
}

// unlessStopped forgets an error that comes from being told to stop. A demo that
// runs once has not shown then what it should.
func (d *demo) unlessStopped(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case d.Once:
		return errors.New("stopped before all was shown")
	}
	return nil
}

// start brings up what the demo shows: certificates, name service, mail host,
// accounts.
func (d *demo) start(ctx context.Context) (stop func() error, err error) {
	if err := d.home.furnish(d); err != nil {
		return nil, err
	}
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(53+int(d.Offset)))
	names, err := dnsserver.Start(at, d.zone())
	if err != nil {
		return nil, fmt.Errorf("%w; stop what listens there, or choose other ports with --port-offset", err)
	}
	d.resolver = names.Addr()
	if d.server, err = d.serve(ctx); err != nil {
		return nil, errors.Join(err, names.Close())
	}
	stop = func() error { return errors.Join(d.server.stop(), names.Close()) }
	if err := d.addPeople(ctx); err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}

// present fills the screen: what there is, what is done with it, and the report.
func (d *demo) present(ctx context.Context) error {
	d.screen.surroundings(d)
	d.screen.heading("What happens with it")
	if err := d.exchange(ctx); err != nil {
		return err
	}
	found, err := d.check(ctx)
	if err != nil {
		return err
	}
	if err := found.allGreen(d.expected()); err != nil {
		d.screen.failed("postern check does not find everything in order")
		d.screen.line()
		return errors.Join(err, d.showReport(ctx))
	}
	d.screen.done(fmt.Sprintf("postern check finds all %d ports in order, on %s", len(ports.All()), d.addressList()))
	d.screen.heading("postern check " + bob)
	if err := d.showReport(ctx); err != nil {
		return err
	}
	d.screen.invitation(d)
	return d.screen.err
}

// stay waits until it is told to stop, or the mail host ends by itself.
func (d *demo) stay(ctx context.Context) error {
	d.screen.staying()
	select {
	case <-ctx.Done():
		return nil
	case <-d.server.ended:
		return d.server.failure()
	}
}

// loopback returns the loopback addresses of this machine.
func loopback() []netip.Addr {
	var found []netip.Addr
	for _, a := range []string{"127.0.0.1", "::1"} {
		if l, err := net.Listen("tcp", net.JoinHostPort(a, "0")); err == nil {
			l.Close()
			found = append(found, netip.MustParseAddr(a))
		}
	}
	return found
}
