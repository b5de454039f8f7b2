package diagnose

import (
	"fmt"
	"strings"
	"time"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// certificateFault is one thing that is wrong with a certificate for a host.
type certificateFault int

const (
	expired certificateFault = iota
	notYetValid
	otherName
	selfSigned
	unknownAuthority
	addressNotName
	noCertificate
)

// certificateFaults finds everything that is wrong with the certificate that
// was presented for host, from its fields alone.
func certificateFaults(t *evidence.TLS, host string, now time.Time) []certificateFault {
	if len(t.Chain) == 0 {
		return []certificateFault{noCertificate}
	}
	leaf := t.Chain[0]
	var found []certificateFault
	if now.After(leaf.NotAfter) {
		found = append(found, expired)
	}
	if now.Before(leaf.NotBefore) {
		found = append(found, notYetValid)
	}
	switch {
	case leaf.Covers(host):
	case isIP(host):
		found = append(found, addressNotName)
	default:
		found = append(found, otherName)
	}
	switch {
	case t.Trust == evidence.Trusted:
	case t.Trust == evidence.SelfSigned, leaf.SelfSigned:
		found = append(found, selfSigned)
	default:
		found = append(found, unknownAuthority)
	}
	return found
}

// certificateRule makes the rule of one such fault (TL07, TL09 to TL12, TL17).
func certificateRule(which certificateFault) func(*facts, *seen) *sighting {
	return func(f *facts, s *seen) *sighting {
		if s.TLS == nil || s.TLS.Failure != nil {
			return nil
		}
		for _, found := range certificateFaults(s.TLS, s.Host, f.now) {
			if found == which && len(s.TLS.Chain) > 0 {
				return certificateSighting(f, s, which)
			}
		}
		return nil
	}
}

func certificateSighting(f *facts, s *seen, which certificateFault) *sighting {
	leaf := s.TLS.Chain[0]
	sight := &sighting{
		step: evidence.StepCertify, confidence: 0.97, args: s.args(),
		cause: leaf.Fingerprint + " " + leaf.Serial,
	}
	says := func(format string, args ...any) {
		sight.facts = append(sight.facts, fact{at: s, text: fmt.Sprintf(format, args...)})
	}
	switch which {
	case expired:
		sight.args["ago"] = ago(leaf.NotAfter, f.now)
		says("notAfter %s, tested at %s", stamp(leaf.NotAfter), stamp(f.now))
	case notYetValid:
		sight.args["date"] = day(leaf.NotBefore)
		says("notBefore %s, tested at %s", stamp(leaf.NotBefore), stamp(f.now))
	case otherName, addressNotName:
		sight.cause += " " + s.Host
		names := append(append([]string(nil), leaf.DNSNames...), leaf.IPs...)
		sight.args["names"] = listNames(names)
		says("the certificate lists %s", listNames(names))
		if commonName(leaf.Subject) == s.Host {
			sight.add("the name stands in the subject alone, where clients no longer look for it (RFC 9525)")
		}
		if which == otherName {
			sight.owner, sight.also = s.whoseChoice()
		}
		if name := sameServerName(f, s.Endpoint); name != "" {
			sight.add("%s has the same address %s", name, s.Address)
		}
		if len(certificateFaults(s.TLS, s.Host, f.now)) == 1 {
			sight.args["instead"] = insteadOf(f, s.Endpoint)
		} else if !leaf.CA && (s.TLS.Trust == evidence.SelfSigned || leaf.SelfSigned) {
			sight.confidence = 0.9 // one certificate of an authority mends both
		}
	case selfSigned:
		says("subject and issuer are both %s", leaf.Subject)
	case unknownAuthority:
		sight.args["issuer"] = commonName(leaf.Issuer)
		says("issued by %s, which no known root stands behind; %d %s sent", leaf.Issuer, len(s.TLS.Chain), plural(len(s.TLS.Chain), "certificate"))
		if len(s.TLS.Chain) == 1 {
			sight.confidence = 0.75
			sight.add("only the server's own certificate was sent: if its issuer is a public authority, the intermediate certificate is missing (TL13)")
		}
	}
	return sight
}

// commonName is the name in a distinguished name that people know: its common
// name, with the organisation where that says more.
func commonName(dn string) string {
	var cn, org string
	for _, part := range strings.Split(dn, ",") { // a comma inside a value costs its rest only
		if name, ok := strings.CutPrefix(part, "CN="); ok {
			cn = name
		}
		if name, ok := strings.CutPrefix(part, "O="); ok {
			org = name
		}
	}
	switch {
	case cn != "" && org != "" && !strings.Contains(cn, org):
		return cn + " (" + org + ")"
	case cn != "":
		return cn
	case org != "":
		return org
	}
	return dn
}

// sameServerName finds a name on the certificate that leads to the address that
// was tested; "" if none was seen to.
func sameServerName(f *facts, e *evidence.Endpoint) string {
	for _, name := range e.TLS.Chain[0].DNSNames {
		if !strings.HasPrefix(name, "*.") && f.resolvesTo(name, e.Address) {
			return name
		}
	}
	return ""
}

// insteadOf is the name to use instead of the tested one, as far as the
// evidence goes.
func insteadOf(f *facts, e *evidence.Endpoint) string {
	if name := sameServerName(f, e); name != "" {
		return name
	}
	names := e.TLS.Chain[0].DNSNames
	if isIP(e.Host) && len(names) == 1 && !strings.HasPrefix(names[0], "*.") {
		return names[0]
	}
	return ""
}

// args are the arguments that every text about an endpoint can use.
func (s *seen) args() fault.Args {
	return fault.Args{
		"host":     s.Host,
		"port":     fmt.Sprintf("port %d", s.Port),
		"protocol": strings.ToUpper(string(s.Protocol)),
	}
}
