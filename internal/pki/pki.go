// Package pki makes and inspects X.509 certificates.
//
// It serves Postern's self-made authority, and it can make every certificate
// that a mail server should not have: expired, not yet valid, for another name,
// self-signed, without its intermediate. It inspects what a server presented
// and says what is in it and whether a known root stands behind it, apart from
// the dates.
//
// It never opens a connection, never fetches a missing certificate, and never
// decides whether a certificate is good enough for a purpose.
//
// RFC 5280 (certificates), RFC 6125 and RFC 9525 (names), RFC 5958 (private keys).
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"time"
)

// KeyType is the kind of key a certificate is made for.
type KeyType string

// The kinds of keys. The zero KeyType means ECDSAP256.
const (
	ECDSAP256 KeyType = "ecdsa-p256"
	ECDSAP384 KeyType = "ecdsa-p384"
	RSA2048   KeyType = "rsa-2048"
	RSA4096   KeyType = "rsa-4096"
	Ed25519   KeyType = "ed25519"
)

// LeafLifetime is how long a certificate lasts when a Leaf names no dates.
// Apple's clients refuse certificates that last longer than 398 days.
const LeafLifetime = 397 * 24 * time.Hour

// Leaf says what a server's certificate shall claim.
type Leaf struct {
	Names []string     // DNS names in ASCII; the first is the common name too
	IPs   []netip.Addr // addresses for clients that connect by address

	// Zero dates mean: from one hour ago, for LeafLifetime.
	NotBefore, NotAfter time.Time

	Key KeyType

	// OmitIntermediates leaves out the certificates between this one and its
	// root, as a server does that was given cert.pem instead of fullchain.pem.
	OmitIntermediates bool
}

// CA is a certificate authority: a root, or an intermediate below one.
type CA struct {
	cert   *x509.Certificate
	key    crypto.Signer
	parent *CA // nil for a root
}

// NewCA makes a root with an ECDSA P-256 key, valid between the given dates.
func NewCA(name string, notBefore, notAfter time.Time) (*CA, error) {
	return newAuthority(name, notBefore, notAfter, nil)
}

// Intermediate makes an authority below ca, with ca's own dates.
func (ca *CA) Intermediate(name string) (*CA, error) {
	return newAuthority(name, ca.cert.NotBefore, ca.cert.NotAfter, ca)
}

func newAuthority(name string, notBefore, notAfter time.Time, parent *CA) (*CA, error) {
	key, err := newKey(ECDSAP256)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	cert, err := sign(template, key, parent)
	if err != nil {
		return nil, fmt.Errorf("make authority %q: %w", name, err)
	}
	return &CA{cert: cert, key: key, parent: parent}, nil
}

// Certificate returns the authority's own certificate.
func (ca *CA) Certificate() *x509.Certificate { return ca.cert }

// Root returns the authority at the top, which may be ca itself.
func (ca *CA) Root() *CA {
	for ca.parent != nil {
		ca = ca.parent
	}
	return ca
}

// Pool returns the root as the only member of a pool, for a client that shall
// trust this authority and no other.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Root().cert)
	return pool
}

// Issue makes a key and a certificate for it, signed by ca. The chain holds the
// intermediates between it and the root, never the root itself.
func (ca *CA) Issue(leaf Leaf) (tls.Certificate, error) {
	issued, err := issue(leaf, ca)
	if err != nil || leaf.OmitIntermediates {
		return issued, err
	}
	for a := ca; a.parent != nil; a = a.parent {
		issued.Certificate = append(issued.Certificate, a.cert.Raw)
	}
	return issued, nil
}

// SelfSigned makes a certificate that is signed by its own key, as a mail
// server does at its installation.
func SelfSigned(leaf Leaf) (tls.Certificate, error) {
	return issue(leaf, nil)
}

func issue(leaf Leaf, issuer *CA) (tls.Certificate, error) {
	if len(leaf.Names) == 0 && len(leaf.IPs) == 0 {
		return tls.Certificate{}, fmt.Errorf("make certificate: it needs a name or an address")
	}
	key, err := newKey(leaf.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	cert, err := sign(leaf.template(), key, issuer)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate for %v: %w", leaf.Names, err)
	}
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}, nil
}

func (leaf Leaf) template() *x509.Certificate {
	t := &x509.Certificate{
		DNSNames:              leaf.Names,
		NotBefore:             leaf.NotBefore,
		NotAfter:              leaf.NotAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if len(leaf.Names) > 0 {
		t.Subject.CommonName = leaf.Names[0]
	}
	for _, ip := range leaf.IPs {
		t.IPAddresses = append(t.IPAddresses, net.IP(ip.AsSlice()))
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = time.Now().Add(-time.Hour)
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = t.NotBefore.Add(LeafLifetime)
	}
	if leaf.Key == RSA2048 || leaf.Key == RSA4096 {
		t.KeyUsage |= x509.KeyUsageKeyEncipherment // RSA key exchange, still used before TLS 1.3
	}
	return t
}

// sign completes the template with a serial number and signs it with the
// issuer's key, or with its own when there is no issuer.
func sign(template *x509.Certificate, key crypto.Signer, issuer *CA) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1)) // positive: RFC 5280 §4.1.2.2
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func newKey(kind KeyType) (crypto.Signer, error) {
	switch kind {
	case ECDSAP256, "":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("make key: unknown type %q", kind)
}
