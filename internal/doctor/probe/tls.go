package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"strings"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// handshake negotiates TLS on a port that begins with it.
func (l *look) handshake(ctx context.Context) bool {
	bounded, cancel := context.WithTimeout(ctx, l.opts.Limits.Reply)
	defer cancel()
	start := time.Now()
	err := l.session.Conn().Handshake(bounded, l.config())
	if err != nil && ended(ctx) {
		return false // nothing is known
	}
	l.e.TLS = l.tlsFacts(ctx, l.session.Conn(), err, start)
	if err != nil {
		return false
	}
	l.reached = evidence.StepCertify
	l.begun = time.Now()
	return true
}

// hello asks on a connection of its own whether the port speaks TLS.
func (l *look) hello(ctx context.Context) *evidence.TLS {
	start := time.Now()
	conn, err := l.dial(ctx)
	if err != nil {
		return &evidence.TLS{Failure: tlsFailure(ctx, err), Took: evidence.Since(start)}
	}
	defer conn.Close()
	bounded, cancel := context.WithTimeout(ctx, l.opts.Limits.Reply)
	defer cancel()
	err = conn.Handshake(bounded, l.config())
	l.keep(conn)
	return l.tlsFacts(ctx, conn, err, start)
}

// config offers what today's mail programs offer. Verification is left to the
// facts, so that a bad certificate hides nothing behind it.
func (l *look) config() *tls.Config {
	suites := suitesOf(tls.CipherSuites())
	for _, suite := range tls.InsecureCipherSuites() {
		// Without forward secrecy, and still taken by every mail program.
		if strings.HasPrefix(suite.Name, "TLS_RSA_WITH_AES") {
			suites = append(suites, suite.ID)
		}
	}
	return &tls.Config{
		ServerName:         l.e.Host,
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS12,
		CipherSuites:       suites,
	}
}

func suitesOf(lists ...[]*tls.CipherSuite) []uint16 {
	var ids []uint16
	for _, list := range lists {
		for _, suite := range list {
			ids = append(ids, suite.ID)
		}
	}
	return ids
}

// serverName is the SNI of the endpoint's handshakes: an IP has none
// (RFC 6066 §3).
func (l *look) serverName() string {
	if _, err := netip.ParseAddr(l.e.Host); err == nil {
		return ""
	}
	return l.e.Host
}

func (l *look) tlsFacts(ctx context.Context, conn *client.Conn, err error, start time.Time) *evidence.TLS {
	facts := &evidence.TLS{ServerName: l.serverName(), Took: evidence.Since(start)}
	if err != nil {
		facts.Failure = tlsFailure(ctx, err)
		return facts
	}
	state := conn.TLS()
	facts.Version = tls.VersionName(state.Version)
	facts.Cipher = tls.CipherSuiteName(state.CipherSuite)
	facts.Chain = chain(state.PeerCertificates)
	facts.Trust = trust(state.PeerCertificates, l.opts.Roots)
	return facts
}

func tlsFailure(ctx context.Context, err error) *evidence.TLSFailure {
	f := &evidence.TLSFailure{Kind: evidence.TLSInternal, Text: err.Error()}
	var handshake *client.HandshakeError
	if errors.As(err, &handshake) {
		f.Received = client.Printable(string(handshake.Received))
		f.Service = service(handshake.Received)
	}
	var header tls.RecordHeaderError
	alert, alerted := client.Alert(err)
	switch {
	case alerted:
		f.Kind, f.Alert = evidence.TLSAlert, alert
	case errors.As(err, &header):
		f.Kind = evidence.TLSNotTLS
	// crypto/tls has no type for this one.
	case strings.Contains(err.Error(), "server selected unsupported protocol version"):
		f.Kind = evidence.TLSVersion
	default:
		switch failed(ctx, err).Kind {
		case evidence.Timeout:
			f.Kind = evidence.TLSTimeout
		case evidence.Reset:
			f.Kind = evidence.TLSReset
		case evidence.Closed:
			f.Kind = evidence.TLSClosed
		}
	}
	if f.Service == "tls" || f.Service == "nothing" {
		f.Received, f.Service = "", ""
	}
	return f
}

// tryVersions offers the versions of TLS one by one after a handshake that the
// server broke off, newest first, until it takes one.
func (l *look) tryVersions(ctx context.Context) {
	t := l.e.TLS
	if t == nil || t.Failure == nil {
		return
	}
	switch t.Failure.Kind {
	case evidence.TLSNotTLS, evidence.TLSTimeout:
		return
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10} {
		if ctx.Err() != nil {
			return
		}
		try := l.offer(ctx, version)
		t.Versions = append(t.Versions, try)
		if try.Accepted {
			return
		}
	}
}

// offer begins a session that offers one version of TLS, with every cipher.
func (l *look) offer(ctx context.Context, version uint16) evidence.VersionTry {
	try := evidence.VersionTry{Version: tls.VersionName(version)}
	conn, err := l.dial(ctx)
	if err != nil {
		return try
	}
	defer conn.Close()
	bounded, cancel := context.WithTimeout(ctx, l.opts.Limits.Reply)
	defer cancel()
	config := l.config()
	config.MinVersion, config.MaxVersion = version, version
	config.CipherSuites = suitesOf(tls.CipherSuites(), tls.InsecureCipherSuites())
	if l.e.Security == ports.TLS {
		err = conn.Handshake(bounded, config)
	} else {
		err = startTLS(bounded, client.New(l.e.Protocol, conn), config)
	}
	l.keep(conn)
	try.Accepted = err == nil && conn.TLS() != nil
	try.Alert, _ = client.Alert(err)
	return try
}

// startTLS takes a new session to TLS; a refusal leaves it in plaintext.
func startTLS(ctx context.Context, s client.Session, config *tls.Config) error {
	if _, err := s.Greeting(ctx); err != nil {
		return err
	}
	if _, _, err := s.Capabilities(ctx); err != nil {
		return err
	}
	_, err := s.StartTLS(ctx, config)
	return err
}
