package popd

import "postern/internal/wire/pop3"

// startTLS answers STLS (RFC 2595 §4). The door refuses a client that has sent
// anything behind it.
func (x *session) startTLS() error {
	switch {
	case x.conn.Secure():
		x.fail("TLS is on already")
		return nil
	case !x.canStartTLS():
		x.fail("this port has no TLS")
		return nil
	}
	x.user = ""
	return x.conn.StartTLS(pop3.OK("go ahead with TLS").String())
}
