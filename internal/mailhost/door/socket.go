package door

import (
	"net"
	"net/netip"
)

// rawConn is a socket of which the first byte may have been read already, and
// which remembers the last ones.
type rawConn struct {
	net.Conn
	first byte
	ahead bool
	last  [alertLength]byte
}

// alertLength is the length of a TLS alert in plain text (RFC 8446 §5.1, §6).
const alertLength = 7

// unread puts one byte in front of what the socket will give.
func (c *rawConn) unread(b byte) { c.first, c.ahead = b, true }

func (c *rawConn) Read(p []byte) (int, error) {
	if c.ahead && len(p) > 0 {
		c.ahead = false
		p[0] = c.first
		return 1, nil
	}
	n, err := c.Conn.Read(p)
	if n >= alertLength {
		copy(c.last[:], p[n-alertLength:n])
	}
	return n, err
}

// closeWrite sends FIN, where the socket can.
func (c *rawConn) closeWrite() {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}

// remoteOf is the zero AddrPort when the connection has no internet address.
func remoteOf(nc net.Conn) netip.AddrPort {
	ap, err := netip.ParseAddrPort(nc.RemoteAddr().String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port())
}
