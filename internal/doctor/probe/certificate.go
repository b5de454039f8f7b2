package probe

import (
	"crypto/x509"

	"postern/internal/doctor/evidence"
	"postern/internal/pki"
)

// maxChain bounds the certificates that are kept of a chain.
const maxChain = 10

// chain keeps what judgements need of each certificate, in the order sent.
func chain(certificates []*x509.Certificate) []evidence.Certificate {
	var out []evidence.Certificate
	for _, c := range certificates[:min(len(certificates), maxChain)] {
		// Inspect fails only on an empty chain; no pool is needed for the fields.
		facts, _ := pki.Inspect([]*x509.Certificate{c}, "", x509.NewCertPool())
		kept := evidence.Certificate{
			Subject:     facts.Subject,
			Issuer:      facts.Issuer,
			Serial:      facts.Serial,
			NotBefore:   facts.NotBefore,
			NotAfter:    facts.NotAfter,
			DNSNames:    c.DNSNames,
			SelfSigned:  facts.Trust == pki.SelfIssued,
			CA:          c.IsCA,
			Key:         facts.Key,
			Signature:   facts.Signature,
			Fingerprint: facts.Fingerprint,
			IssuerURLs:  facts.IssuerURLs,
		}
		for _, ip := range c.IPAddresses {
			kept.IPs = append(kept.IPs, ip.String())
		}
		out = append(out, kept)
	}
	return out
}

// trust says whether a known root stands behind the chain, whatever the date
// and the host name.
func trust(certificates []*x509.Certificate, roots *x509.CertPool) evidence.Trust {
	facts, err := pki.Inspect(certificates, "", roots)
	if err != nil {
		return evidence.UnknownIssuer
	}
	switch facts.Trust {
	case pki.Trusted:
		return evidence.Trusted
	case pki.SelfIssued:
		return evidence.SelfSigned
	}
	return evidence.UnknownIssuer
}
