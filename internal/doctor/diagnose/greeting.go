package diagnose

import (
	"fmt"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
	"postern/internal/wire/ports"
)

const (
	// slowMillis is where a greeting begins to be slow: users notice.
	slowMillis = 5_000
	// tooSlowMillis is where mail programs with little patience give up.
	tooSlowMillis = 10_000
)

// noGreeting (GW01): the connection stands and nothing comes. A ClientHello on
// a second connection tells a TLS port from a service that hangs.
func noGreeting(f *facts, s *seen) *sighting {
	if s.Connect.Failure != nil {
		return nil
	}
	sight := &sighting{step: evidence.StepGreet, confidence: 0.9, args: s.args()}
	switch {
	case s.Greeting != nil && silent(s.Greeting):
		sight.facts = []fact{greetingFact(s)}
	case s.Security == ports.TLS && s.TLS != nil && s.TLS.Failure != nil && s.TLS.Failure.Kind == evidence.TLSTimeout:
		sight.facts = []fact{tlsFact(s)}
	default:
		return nil
	}
	if helloService(s) != "" {
		return nil // GW05
	}
	if s.Hello != nil && s.Hello.TLS != nil {
		if s.Hello.TLS.Failure == nil {
			sight.owner, sight.also = fault.User, []fault.Owner{fault.ServerAdmin}
			sight.add("begun with TLS, a second connection is answered with %s: the port is for SSL/TLS", s.Hello.TLS.Version)
		} else {
			sight.add("begun with TLS, a second connection gets no TLS either")
		}
	}
	return sight
}

func silent(g *evidence.Greeting) bool {
	return g.Failure != nil && g.Failure.Kind == evidence.Timeout && g.Text == ""
}

// slowGreeting (GW02): the greeting comes, late.
func slowGreeting(f *facts, s *seen) *sighting {
	if !s.passed(evidence.StepGreet) || s.Greeting.Took < slowMillis {
		return nil
	}
	sight := &sighting{
		step: evidence.StepGreet, confidence: 0.95,
		args: s.args(), facts: []fact{greetingFact(s)},
	}
	sight.args["seconds"] = fmt.Sprintf("%.0f", float64(s.Greeting.Took)/1000)
	if s.Greeting.Took >= tooSlowMillis {
		sight.severity = fault.SeverityError
	}
	return sight
}

// serverBusy (GW03): a refusal for now instead of a greeting, or as the answer
// to the first question (RFC 5321 §3.1 and §3.8, RFC 9051 §7.1.5, RFC 1939 §4).
// A permanent refusal (554) is not one.
func serverBusy(f *facts, s *seen) *sighting {
	if s.Greeting == nil || s.Greeting.Reply == nil || !rightService(s.Endpoint) {
		return nil
	}
	sight := &sighting{
		step: evidence.StepGreet, confidence: 0.95,
		args: s.args(), facts: []fact{greetingFact(s)},
	}
	later := turnedAway(s.Endpoint)
	switch status := s.Greeting.Reply.Status; {
	case status == evidence.StatusClosing, status == evidence.StatusTemporary:
	case status == evidence.StatusPermanent && s.Protocol != ports.SMTP:
	case later != nil && later.Status != evidence.StatusPermanent:
		sight.facts = []fact{{at: s, text: firstQuestion[s.Protocol] + " is answered with: " + replyWords(later)}}
	default:
		return nil
	}
	return sight
}

// firstQuestion is how a client asks what a server can do.
var firstQuestion = map[ports.Protocol]string{ports.SMTP: "EHLO", ports.POP3: "CAPA", ports.IMAP: "CAPABILITY"}

// wrongService (GW05): the first bytes belong to another protocol.
func wrongService(f *facts, s *seen) *sighting {
	sight := &sighting{step: evidence.StepGreet, confidence: 0.95, args: s.args()}
	var service string
	switch {
	case s.Greeting != nil && isOther(s, s.Greeting.Service):
		service = s.Greeting.Service
		sight.facts = []fact{greetingFact(s)}
	case s.TLS != nil && s.TLS.Failure != nil && s.TLS.Failure.Kind == evidence.TLSNotTLS && isOther(s, s.TLS.Failure.Service):
		service = s.TLS.Failure.Service
		sight.facts = []fact{tlsFact(s)}
	case helloService(s) != "":
		service = helloService(s)
		sight.facts = []fact{greetingFact(s)}
		sight.add("begun with TLS, a second connection is answered with \"%s\"", cut(s.Hello.TLS.Failure.Received))
	default:
		return nil
	}
	sight.args["service"] = strings.ToUpper(service)
	sight.owner, sight.also = s.whoseChoice()
	return sight
}

// whoseChoice says who must act first on a place that is the wrong one: the user
// who chose it, or the administrator where the domain's records led there.
func (s *seen) whoseChoice() (fault.Owner, []fault.Owner) {
	if s.claim == named || s.claim == asked {
		return fault.User, []fault.Owner{fault.ServerAdmin}
	}
	return fault.ServerAdmin, []fault.Owner{fault.User}
}

// helloService is the wrong service that answered a ClientHello on a port that
// said nothing by itself, as web servers do; "" if there was none.
func helloService(s *seen) string {
	if s.Hello == nil || s.Hello.TLS == nil || s.Hello.TLS.Failure == nil || !isOther(s, s.Hello.TLS.Failure.Service) {
		return ""
	}
	return s.Hello.TLS.Failure.Service
}

// isOther reports whether service is a known one and not the expected.
func isOther(s *seen, service string) bool {
	switch service {
	case "http", "ssh", "ftp", "rdp":
		return true
	case "smtp", "imap", "pop3":
		return s.Protocol != "" && service != string(s.Protocol)
	}
	return false
}
