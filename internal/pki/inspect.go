package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"
)

// Trust says whether a known root stands behind a chain, whatever its dates
// and names are.
type Trust string

// The answers of [Inspect].
const (
	Trusted       Trust = "trusted"
	SelfIssued    Trust = "self-signed"    // the certificate is its own issuer and no known root
	UnknownIssuer Trust = "unknown-issuer" // no known root signed the chain as the server sent it
)

// Inspection is what can be read from the chain that a server presented.
type Inspection struct {
	Subject, Issuer     string   // as RFC 4514 strings
	Names               []string // DNS names and addresses of the subjectAltName extension
	NotBefore, NotAfter time.Time
	Serial              string // hexadecimal
	Key                 string // such as "ECDSA P-256" or "RSA 2048"
	Signature           string // such as "SHA256-RSA"
	Fingerprint         string // SHA-256 of the certificate, hexadecimal
	IssuerURLs          []string
	ChainLength         int // certificates sent, the leaf included
	Trust               Trust
	MatchesHost         bool // by RFC 9525, the host as given
}

// Inspect reads a chain, leaf first, as a server sent it. The host is a DNS name
// in ASCII or an address. A nil pool of roots means the system's.
func Inspect(chain []*x509.Certificate, host string, roots *x509.CertPool) (Inspection, error) {
	if len(chain) == 0 {
		return Inspection{}, fmt.Errorf("inspect certificate of %s: the server sent none", host)
	}
	leaf := chain[0]
	sum := sha256.Sum256(leaf.Raw)
	in := Inspection{
		Subject:     leaf.Subject.String(),
		Issuer:      leaf.Issuer.String(),
		Names:       append([]string(nil), leaf.DNSNames...),
		NotBefore:   leaf.NotBefore.UTC(),
		NotAfter:    leaf.NotAfter.UTC(),
		Serial:      leaf.SerialNumber.Text(16),
		Key:         keyName(leaf.PublicKey),
		Signature:   leaf.SignatureAlgorithm.String(),
		Fingerprint: hex.EncodeToString(sum[:]),
		IssuerURLs:  leaf.IssuingCertificateURL,
		ChainLength: len(chain),
		Trust:       trust(chain, roots),
		MatchesHost: leaf.VerifyHostname(host) == nil,
	}
	for _, ip := range leaf.IPAddresses {
		in.Names = append(in.Names, ip.String())
	}
	return in, nil
}

// trust verifies the chain at moments at which the leaf was valid, so that the
// answer does not depend on today's date.
func trust(chain []*x509.Certificate, roots *x509.CertPool) Trust {
	leaf := chain[0]
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	life := leaf.NotAfter.Sub(leaf.NotBefore)
	for _, moment := range []time.Time{time.Now(), leaf.NotBefore.Add(life / 2), leaf.NotAfter, leaf.NotBefore} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: moment})
		if err == nil {
			return Trusted
		}
	}
	if isSelfSigned(leaf) {
		return SelfIssued
	}
	return UnknownIssuer
}

func isSelfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) &&
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func keyName(public any) string {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", public)
}
