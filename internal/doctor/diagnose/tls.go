package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// TLS alerts (RFC 8446 §6.2).
const (
	alertHandshakeFailure = 40
	alertProtocolVersion  = 70
)

// startTLSNotOffered (TL01): the capabilities of a port that begins in plain
// text lack STARTTLS.
func startTLSNotOffered(f *facts, s *seen) *sighting {
	c := s.Plain
	if s.Security != ports.StartTLS || c == nil || c.Failure != nil || c.Reply.Status != evidence.StatusOK ||
		s.StartTLS == nil || s.StartTLS.Offered {
		return nil
	}
	sight := &sighting{
		step: evidence.StepEncrypt, confidence: 0.9, args: s.args(),
		facts: []fact{{at: s, text: "offers " + cmp.Or(cut(strings.Join(c.Keywords, ", ")), "nothing")}},
	}
	if stripped(s.Endpoint) {
		sight.confidence = 0.5
		sight.add("part of the words was overwritten on the way, as firewalls do that inspect mail (TL02): a try from another network decides")
	}
	return sight
}

// stripped reports whether a middlebox left its marks: keywords or a greeting
// overwritten with X or asterisks.
func stripped(e *evidence.Endpoint) bool {
	return e.Greeting != nil && e.Greeting.Garbled ||
		slices.ContainsFunc(e.Plain.Keywords, func(k string) bool { return strings.HasPrefix(k, "XXXX") })
}

// startTLSRefused (TL03): offered, asked for, refused.
func startTLSRefused(f *facts, s *seen) *sighting {
	t := s.StartTLS
	if t == nil || !t.Offered || !t.Asked || t.Reply == nil ||
		t.Reply.Status == evidence.StatusOK || t.Reply.Status == evidence.StatusContinue {
		return nil
	}
	return &sighting{
		step: evidence.StepEncrypt, confidence: 0.95, args: s.args(),
		facts: []fact{{at: s, text: "answers STARTTLS with: " + replyWords(t.Reply)}},
	}
}

// versionMismatch (TL04): no version of TLS that both sides take.
func versionMismatch(f *facts, s *seen) *sighting {
	if s.TLS == nil || s.TLS.Failure == nil {
		return nil
	}
	if acceptsCurrent(s.TLS) {
		return nil // the versions agree: it is the ciphers
	}
	failure, old := s.TLS.Failure, oldVersion(s.TLS)
	sight := &sighting{step: evidence.StepEncrypt, args: s.args(), facts: []fact{tlsFact(s)}}
	switch {
	case old != "":
		sight.confidence = 0.98
		sight.add("offered alone, %s is accepted", old)
	case failure.Kind == evidence.TLSVersion, failure.Kind == evidence.TLSAlert && failure.Alert == alertProtocolVersion:
		sight.confidence = 0.9
	case failure.Kind == evidence.TLSAlert && failure.Alert == alertHandshakeFailure:
		sight.confidence = 0.5
		sight.add("the same alert stands for a missing cipher or curve in common (TL05): offering the old versions one by one decides")
	default:
		return nil
	}
	return sight
}

// acceptsCurrent reports whether the server takes a current version after all,
// with other ciphers than mail programs offer.
func acceptsCurrent(t *evidence.TLS) bool {
	return slices.ContainsFunc(t.Versions, func(v evidence.VersionTry) bool {
		return v.Accepted && (v.Version == "TLS 1.2" || v.Version == "TLS 1.3")
	})
}

// oldVersion returns the newest version below TLS 1.2 that the server takes
// when it is offered alone, if it takes no current one.
func oldVersion(t *evidence.TLS) string {
	found := ""
	for _, v := range t.Versions {
		if v.Accepted && v.Version > found {
			found = v.Version
		}
	}
	if acceptsCurrent(t) {
		return ""
	}
	return found
}
