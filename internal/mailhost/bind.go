package mailhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"postern/internal/mailhost/config"
	"postern/internal/mailhost/door"
)

// binding is an open port.
type binding struct {
	net.Listener
	port door.Port
}

// bindAll opens the ports of a configuration, with those that the service
// manager has opened already. It opens all of them or none, and the error names
// every port that was refused.
func bindAll(ctx context.Context, want []config.Listen, logger *slog.Logger) ([]binding, error) {
	given, err := inherited()
	if err != nil {
		return nil, err
	}
	var all []binding
	var problems []error
	for _, l := range want {
		listener := given.take(l)
		if listener == nil {
			if listener, err = bind(ctx, l); err != nil {
				problems = append(problems, err)
				continue
			}
		}
		port := door.Port{Number: portOf(listener), Protocol: l.Protocol, Security: l.Security, Role: l.Role}
		all = append(all, binding{listener, port})
	}
	for _, l := range given {
		logger.Warn("the service manager opened a port that the configuration does not have; it is closed", "address", l.Addr())
		l.Close()
	}
	if err := errors.Join(problems...); err != nil {
		for _, b := range all {
			b.Close()
		}
		return nil, err
	}
	return all, nil
}

func bind(ctx context.Context, l config.Listen) (net.Listener, error) {
	host := ""
	if l.Address.IsValid() {
		host = l.Address.String()
	}
	address := net.JoinHostPort(host, strconv.Itoa(l.Port))
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, explainBind(l, err)
	}
	return listener, nil
}

// explainBind says who is in the way of a port, and what can be done.
func explainBind(l config.Listen, err error) error {
	what := fmt.Sprintf("can't open port %d for %s", l.Port, l.Protocol)
	if l.Address.IsValid() {
		what += " on " + l.Address.String()
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: it is taken by %s; stop that program, or choose other ports with port_offset or [[listen]]", what, holder(l.Port))
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: ports under 1024 need a privilege; give it with systemd (AmbientCapabilities=CAP_NET_BIND_SERVICE or a socket unit) or `setcap cap_net_bind_service=+ep` on the program, or choose other ports with port_offset", what)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: this machine does not have that address now; correct addresses in [[listen]]", what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func portOf(l net.Listener) int {
	ap, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return 0
	}
	return int(ap.Port())
}
