package door

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/wire/ports"
	"postern/internal/wire/recognise"
)

// tlsConfigs are one protocol's: each tls.Config makes its own ticket keys, so
// a ticket of one service is worth nothing to another.
type tlsConfigs struct{ first, upgrade *tls.Config }

func newTLSConfigs(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) map[ports.Protocol]tlsConfigs {
	all := make(map[ports.Protocol]tlsConfigs)
	for _, p := range []ports.Protocol{ports.SMTP, ports.POP3, ports.IMAP} {
		first := &tls.Config{GetCertificate: certificate, MinVersion: tls.VersionTLS12}
		// No tickets after STARTTLS: the outbound servers of one large provider
		// drop an SMTP session that issues one; and OfflineIMAP's reading
		// thread wakes up for it, holds the connection while its writing thread
		// sends the next command, and one time in six that command is lost.
		upgrade := first.Clone()
		upgrade.SessionTicketsDisabled = true
		all[p] = tlsConfigs{first, upgrade}
	}
	return all
}

// StartTLS says goAhead (a line with its CRLF) and encrypts the connection. The
// caller then starts over: nothing said before counts. A client that sent bytes
// behind its STARTTLS gets an error instead, which names it (RFC 3207 §4.2);
// after any error the session must end.
func (c *Conn) StartTLS(goAhead string) error {
	if c.Buffered() > 0 {
		e := &fault.Error{
			Fault: "TL22", Op: "start TLS", Object: "session " + c.id,
			Client: "commands after STARTTLS and before TLS are refused",
		}
		c.record(activity.Misdirected, e, "sent commands behind STARTTLS, in plain text")
		return e
	}
	if _, err := c.WriteString(goAhead); err != nil {
		return err
	}
	if err := c.Flush(); err != nil {
		return err
	}
	return c.handshake(c.server.configs[c.port.Protocol].upgrade)
}

// handshake puts TLS on the connection.
func (c *Conn) handshake(config *tls.Config) error {
	c.in.release()
	t := tls.Server(c.raw, config)
	c.raw.SetDeadline(time.Now().Add(Handshake))
	err := t.HandshakeContext(context.Background())
	if err != nil {
		c.server.metrics.handshakes.WithLabelValues(string(c.port.Protocol), "failed").Inc()
		return &handshakeError{alertBehind(err, c.raw)}
	}
	c.raw.SetDeadline(time.Time{})
	c.tls, c.live, c.in.opened = t, t, false
	c.server.metrics.handshakes.WithLabelValues(string(c.port.Protocol), tls.VersionName(t.ConnectionState().Version)).Inc()
	return nil
}

// handshakeError says that the connection is neither plain nor encrypted now,
// so that nobody writes to it any more.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// alertBehind finds the alert that a client sent in plain text when encryption
// had begun on this side only: that is how OpenSSL refuses a certificate, and to
// crypto/tls it is a bad record.
func alertBehind(err error, raw *rawConn) error {
	if g := recognise.Client(raw.last[:]); g.Kind == recognise.Alert && strings.Contains(err.Error(), "bad record MAC") {
		return fmt.Errorf("remote error: %w", tls.AlertError(g.Alert))
	}
	return err
}

// blame finds the fault behind a TLS error, and says it for the owner of the
// account. A client that only went away gets no fault.
func blame(err error) (fault.ID, string) {
	text := err.Error()
	if errors.Is(err, io.EOF) {
		return "", "the client hung up during the TLS handshake"
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", "the client did not finish the TLS handshake"
	}
	for _, known := range tlsTexts {
		if strings.Contains(text, known.part) {
			return known.id, known.detail
		}
	}
	return "TL05", fmt.Sprintf("TLS failed: %v", err)
}

// tlsTexts joins crypto/tls's words with faults. Its alerts have no exported
// type on the receiving side.
var tlsTexts = []struct {
	part   string
	id     fault.ID
	detail string
}{
	{"remote error: tls: unknown certificate authority", "TL12", "the client does not know who issued the certificate"},
	{"remote error: tls: expired certificate", "TL07", "the client finds the certificate expired, or its clock is wrong"},
	{"remote error: tls: revoked certificate", "TL15", "the client finds the certificate revoked"},
	{"remote error: tls: bad certificate", "TL10", "the client refused the certificate: unknown issuer, or its host name is not the one in the certificate"},
	{"remote error: tls: unknown certificate", "TL10", "the client refused the certificate: unknown issuer, or its host name is not the one in the certificate"},
	{"remote error: tls: unsupported certificate", "TL16", "the client can't use this kind of certificate"},
	{"remote error: tls: protocol version not supported", "TL04", "the client knows no TLS version that is allowed here"},
	{"remote error: tls: handshake failure", "TL05", "client and server have no cipher in common"},
	{"client offered only unsupported versions", "CL06", "the client is too old: it has no TLS 1.2"},
	{"no cipher suite supported by both", "TL05", "client and server have no cipher in common"},
	{"unsupported SSLv2 handshake", "CL06", "the client is too old: it speaks SSL 2"},
	{"first record does not look like a TLS handshake", "GW05", "the client did not speak TLS where it had to"},
}

// isTLSError tells a TLS failure from a lost connection.
func isTLSError(err error) bool {
	return err != nil && strings.Contains(err.Error(), "tls: ")
}
