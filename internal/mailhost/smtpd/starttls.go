package smtpd

import (
	"crypto/tls"

	"postern/internal/wire/smtp"
)

// startTLS answers STARTTLS (RFC 3207). The door refuses a client that has sent
// anything behind it.
func (x *session) startTLS() (smtp.Reply, error) {
	switch {
	case x.conn.Secure():
		return outOfSequence("TLS is on already"), nil
	case !x.canStartTLS():
		return smtp.NewReply(502, badSequence, "This port has no TLS"), nil
	}
	ready := smtp.NewReply(220, fine, "Go ahead with TLS")
	if err := x.conn.StartTLS(ready.String()); err != nil {
		return smtp.Reply{}, err
	}
	x.startOver()
	return smtp.Reply{}, nil
}

// tlsName names version and cipher suite of a connection.
func tlsName(state tls.ConnectionState) (version, cipher string) {
	return tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite)
}
