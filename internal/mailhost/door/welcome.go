package door

import (
	"bytes"

	"postern/internal/wire/ports"
	"postern/internal/wire/recognise"
)

// recordHandshake is the first byte of every TLS connection (RFC 8446 §5.1).
const recordHandshake = 0x16

// welcome brings a connection to the point where its protocol can begin. The
// error says that it can't, and why.
func (c *Conn) welcome() error {
	switch {
	case c.port.Security == ports.TLS:
		return c.welcomeTLS()
	case c.server.suspects.has(c.remote.Addr()):
		return c.welcomeSuspect()
	}
	return nil
}

// welcomeTLS looks at the first byte before TLS does, because what crypto/tls
// says to plain text is an alert that no mail program can read.
func (c *Conn) welcomeTLS() error {
	switch err := c.wait(FirstByte, false); {
	case err == ErrTimeout:
		return c.lost(recognise.Guess{Protocol: recognise.Nothing})
	case err != nil:
		return err
	}
	if c.in.peek()[0] != recordHandshake {
		return c.lost(c.guess())
	}
	c.unreadFirst()
	return c.handshake(c.server.configs[c.port.Protocol].first)
}

// welcomeSuspect holds the greeting back from an address that lately began
// with TLS here, and where it does so again, tells it inside TLS: there its
// user can see it.
func (c *Conn) welcomeSuspect() error {
	err := c.wait(Hold, false)
	if err == ErrTimeout {
		return nil
	}
	if err != nil || c.in.peek()[0] != recordHandshake {
		return err
	}
	c.unreadFirst()
	if err := c.handshake(c.server.configs[c.port.Protocol].upgrade); err != nil {
		return err
	}
	return c.lostTLS()
}

// unreadFirst hands the one byte that was read to whoever reads the socket
// next.
func (c *Conn) unreadFirst() {
	c.raw.unread(c.in.peek()[0])
	c.in.r = c.in.w
	c.in.release()
}

// nameStranger looks at a client's first words and returns an error that puts
// it right when they belong to another protocol.
func (c *Conn) nameStranger() error {
	g := c.guess()
	switch g.Protocol {
	case recognise.Text, recognise.Nothing, spoken(c.port.Protocol):
		return nil
	case recognise.Binary:
		// A first line with 8-bit characters is the protocol's to refuse.
		if bytes.IndexByte(c.in.peek(), '\n') >= 0 {
			return nil
		}
	}
	return c.lost(g)
}

// guess waits a moment for the rest of the first line and names it. The caller
// sets the next deadline.
func (c *Conn) guess() recognise.Guess {
	c.deadline(Naming)
	for !enough(c.in.peek()) && c.in.more() == nil {
	}
	return recognise.Client(c.in.peek())
}

// enough says whether the first bytes can be named: a line that is complete, or
// a few bytes of what is no text at all.
func enough(first []byte) bool {
	const record = 6 // a TLS record's header and its first byte
	switch {
	case len(first) >= recognise.MaxNeeded, bytes.IndexByte(first, '\n') >= 0:
		return true
	}
	return len(first) >= record && (first[0] < ' ' || first[0] > '~')
}
