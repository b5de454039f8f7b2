package evidence

import (
	"crypto/x509"
	"net"
	"time"
)

// TLSFailureKind says how a TLS handshake failed.
type TLSFailureKind string

// The kinds of handshake failure.
const (
	TLSAlert    TLSFailureKind = "alert"     // the server sent an alert
	TLSVersion  TLSFailureKind = "version"   // the server chose a version that is refused here
	TLSNotTLS   TLSFailureKind = "not-tls"   // the server answered with something else
	TLSTimeout  TLSFailureKind = "timeout"   // nothing came within the limit
	TLSReset    TLSFailureKind = "reset"     // RST
	TLSClosed   TLSFailureKind = "closed"    // FIN
	TLSInternal TLSFailureKind = "malformed" // what came broke the protocol
)

// TLS is one handshake. It is made without verification, so that what lies
// behind a bad certificate is seen; the certificate's worth is in Trust and in
// its fields.
type TLS struct {
	ServerName string `json:"server_name,omitempty"` // SNI; "" for an IP
	Version    string `json:"version,omitempty"`     // such as "TLS 1.3"; "" when it failed
	Cipher     string `json:"cipher,omitempty"`
	Took       Millis `json:"ms"`

	Failure *TLSFailure `json:"failure,omitempty"`

	Chain []Certificate `json:"chain,omitempty"` // as sent, the server's own first
	Trust Trust         `json:"trust,omitempty"`

	// Versions says, after a handshake that failed, which versions the server
	// takes when they are offered alone.
	Versions []VersionTry `json:"versions,omitempty"`
}

// TLSFailure is how a handshake failed.
type TLSFailure struct {
	Kind  TLSFailureKind `json:"kind"`
	Alert int            `json:"alert,omitempty"` // AlertDescription (RFC 8446 §6), when Kind is TLSAlert
	// Received is the beginning of what came instead of TLS, printable, and
	// Service what it speaks, in the words of Greeting.Service.
	Received string `json:"received,omitempty"`
	Service  string `json:"service,omitempty"`
	Text     string `json:"text,omitempty"` // the error as the library words it
}

// VersionTry is a handshake that offered one version only.
type VersionTry struct {
	Version  string `json:"version"`
	Accepted bool   `json:"accepted"`
	Alert    int    `json:"alert,omitempty"`
}

// Trust says whether a known root stands behind a chain at the time when the
// certificate was valid, whatever today's date and the host's name are.
type Trust string

// The answers.
const (
	Trusted       Trust = "trusted"
	SelfSigned    Trust = "self-signed"    // the certificate is its own issuer and no known root
	UnknownIssuer Trust = "unknown-issuer" // no known root stands behind it
)

// Certificate holds the fields of a certificate that judgements need.
type Certificate struct {
	Subject     string    `json:"subject"` // RFC 4514
	Issuer      string    `json:"issuer"`  // RFC 4514
	Serial      string    `json:"serial"`  // hexadecimal
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	DNSNames    []string  `json:"dns_names,omitempty"`
	IPs         []string  `json:"ips,omitempty"`
	SelfSigned  bool      `json:"self_signed"` // signed with its own key
	CA          bool      `json:"ca"`          // may issue certificates
	Key         string    `json:"key"`         // such as "ECDSA P-256" or "RSA 2048"
	Signature   string    `json:"signature"`   // such as "SHA256-RSA"
	Fingerprint string    `json:"fingerprint"` // SHA-256, hexadecimal
	IssuerURLs  []string  `json:"issuer_urls,omitempty"`
}

// Covers reports whether the certificate names the host, a DNS name in ASCII or
// an IP (RFC 9525).
func (c Certificate) Covers(host string) bool {
	certificate := x509.Certificate{DNSNames: c.DNSNames}
	for _, ip := range c.IPs {
		if parsed := net.ParseIP(ip); parsed != nil {
			certificate.IPAddresses = append(certificate.IPAddresses, parsed)
		}
	}
	return certificate.VerifyHostname(host) == nil
}
