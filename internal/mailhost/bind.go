package mailhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
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
	var problems refusals
	for _, l := range want {
		listener := given.take(l)
		if listener == nil {
			if listener, err = bind(ctx, l); err != nil {
				problems.add(l, err)
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
	if err := problems.err(); err != nil {
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
	return lc.Listen(ctx, "tcp", address)
}

// refusals are the ports that can't be opened, put together by reason: without
// privilege, say, it is the same for most of them.
type refusals struct {
	reasons []string
	ports   map[string][]string // by reason
}

func (r *refusals) add(l config.Listen, err error) {
	reason := explainBind(l.Port, err)
	if r.ports[reason] == nil {
		r.reasons = append(r.reasons, reason)
	}
	if r.ports == nil {
		r.ports = make(map[string][]string)
	}
	port := fmt.Sprintf("%d for %s", l.Port, l.Protocol)
	if l.Address.IsValid() {
		port += " on " + l.Address.String()
	}
	r.ports[reason] = append(r.ports[reason], port)
}

// err names all ports and reasons; nil without any.
func (r *refusals) err() error {
	var all []error
	for _, reason := range r.reasons {
		all = append(all, fmt.Errorf("can't open port %s: %s", strings.Join(r.ports[reason], ", "), reason))
	}
	return errors.Join(all...)
}

// explainBind says who is in the way of a port, and what can be done.
func explainBind(port int, err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("it is taken by %s; stop that program, or choose other ports with port_offset or [[listen]]", holder(port))
	case errors.Is(err, syscall.EACCES):
		return "ports under 1024 need a privilege; give it with systemd (AmbientCapabilities=CAP_NET_BIND_SERVICE or a socket unit) or `setcap cap_net_bind_service=+ep` on the program, or choose other ports with port_offset"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine does not have that address now; correct addresses in [[listen]]"
	}
	return err.Error()
}

func portOf(l net.Listener) int {
	ap, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return 0
	}
	return int(ap.Port())
}
