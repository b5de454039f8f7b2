package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// Network is a client, a router and a server host. The client is this process.
type Network struct {
	router *node
	server *node
	wired  bool // the client has its end
}

// New builds a network around this process, which must be [Inside].
func New() (_ *Network, err error) {
	if !Inside() {
		return nil, errors.New("make a network: this process was not started as a client")
	}
	// What is mounted here stays here.
	if err := unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""); err != nil {
		return nil, fmt.Errorf("make a network: %w", err)
	}
	n := &Network{}
	defer func() {
		if err != nil {
			n.Close()
			err = fmt.Errorf("make a network: %w", err)
		}
	}()
	if n.router, err = startNode("router"); err != nil {
		return n, err
	}
	if n.server, err = startNode("server"); err != nil {
		return n, err
	}
	if err = n.wire(); err != nil {
		return n, err
	}
	return n, n.await()
}

// writeSysctl begins a command of three words that writes a number to a file.
const writeSysctl = "sh -c echo${IFS}"

// wire joins the hosts. IPv6 looks for no duplicates of addresses, because none
// can be used while it does. The ends of a veth pair get different indexes: with
// the same one in both namespaces, Linux takes up to a second to bring it up.
func (n *Network) wire() error {
	router, server := n.router.pid(), n.server.pid()
	steps := []struct {
		on      func(...string) error
		command string
	}{
		{runHere, "ip link set lo up"},
		{runHere, writeSysctl + "0>/proc/sys/net/ipv6/conf/default/accept_dad"},
		{n.router.run, writeSysctl + "0>/proc/sys/net/ipv6/conf/default/accept_dad"},
		{n.router.run, writeSysctl + "1>/proc/sys/net/ipv6/conf/all/forwarding"},
		{n.router.run, writeSysctl + "1>/proc/sys/net/ipv4/ip_forward"},
		{n.server.run, writeSysctl + "0>/proc/sys/net/ipv6/conf/default/accept_dad"},

		{runHere, "ip link add eth0 index 11 type veth peer name client netns " + router},
		{runHere, "ip link add server index 12 netns " + router + " type veth peer name eth0 netns " + server},

		{runHere, "ip addr add 10.77.1.2/24 dev eth0"},
		{runHere, "ip addr add fd77:1::2/64 dev eth0 nodad"},
		{runHere, "ip link set eth0 up"},

		{n.router.run, "ip addr add 10.77.1.1/24 dev client"},
		{n.router.run, "ip addr add fd77:1::1/64 dev client nodad"},
		{n.router.run, "ip link set client up"},
		{n.router.run, "ip addr add 10.77.2.1/24 dev server"},
		{n.router.run, "ip addr add fd77:2::1/64 dev server nodad"},
		{n.router.run, "ip link set server up"},
		{n.router.run, "nft add table inet lab"},
		{n.router.run, "nft add chain inet lab forward { type filter hook forward priority 0 ; }"},

		{n.server.run, "ip addr add 10.77.2.2/24 dev eth0"},
		{n.server.run, "ip addr add fd77:2::2/64 dev eth0 nodad"},
		{n.server.run, "ip link set eth0 up"},

		{runHere, "ip route add default via 10.77.1.1"},
		{runHere, "ip -6 route add default via fd77:1::1"},
		{n.server.run, "ip route add default via 10.77.2.1"},
		{n.server.run, "ip -6 route add default via fd77:2::1"},
	}
	for _, s := range steps {
		if err := s.on(strings.Fields(s.command)...); err != nil {
			return err
		}
		n.wired = n.wired || strings.HasPrefix(s.command, "ip link add eth0")
	}
	return nil
}

// await returns when both ways to the server stand: when it refuses a connection
// to a port that nothing listens on.
func (n *Network) await() error {
	for _, address := range []netip.Addr{ServerV4, ServerV6} {
		conn, err := net.DialTimeout("tcp", netip.AddrPortFrom(address, 1).String(), stopLimit)
		if err == nil {
			conn.Close()
		} else if !errors.Is(err, unix.ECONNREFUSED) {
			return err
		}
	}
	return nil
}

// Listen makes a TCP listener on the server host.
func (n *Network) Listen(at netip.AddrPort) (net.Listener, error) { return n.server.listen(at) }

// Router runs a command on the router, such as
//
//	Router("ip", "route", "add", "blackhole", "10.77.2.2/32")
//	Router("nft", "add", "rule", "inet", "lab", "forward", "tcp", "dport", "993", "drop")
func (n *Network) Router(command ...string) error { return n.router.run(command...) }

// Server runs a command on the server host.
func (n *Network) Server(command ...string) error { return n.server.run(command...) }

// Close ends the router and the server host. Their namespaces go with them, but
// at a time of the kernel's choosing: the client's end is removed here, so that
// the next network can have its name.
func (n *Network) Close() error {
	var errs []error
	if n.wired {
		errs = append(errs, runHere("ip", "link", "delete", "eth0"))
	}
	for _, host := range []*node{n.server, n.router} {
		if host != nil {
			errs = append(errs, host.close())
		}
	}
	return errors.Join(errs...)
}
