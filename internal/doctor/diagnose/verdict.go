package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// verdict sums the run up. Health must be shown, not assumed: without a working
// way for each thing that the user needs there is a fault or nothing was shown.
func verdict(f *facts, found []Finding) (Verdict, string) {
	var limited *Finding
	for i := range found {
		switch {
		case found[i].Severity < fault.SeverityError:
		case found[i].ID == "GW03":
			limited = &found[i]
		default:
			return Faulty, ""
		}
	}
	switch {
	case limited != nil:
		return Untested, "the server is limiting us: " + limited.Title
	case f.run.Interrupted != "":
		return Untested, "the run ended before everything was looked at (" + f.run.Interrupted + ")"
	case len(f.seen) == 0:
		return Untested, noEndpoints(f)
	}
	for _, need := range f.needs() {
		if reason := f.missing(need); reason != "" {
			return Untested, reason
		}
	}
	if reason := f.loginUnclear(); reason != "" {
		return Untested, reason
	}
	return Healthy, ""
}

// need is one thing that must work, in any of several protocols.
type need struct {
	name      string
	protocols []ports.Protocol
	endpoint  bool // the endpoint that the user named, and no other
}

// needs lists what the user needs of the target, among what was looked at.
func (f *facts) needs() []need {
	anything := need{name: "a mail service", protocols: []ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP}}
	switch {
	case f.run.Target.Kind == evidence.TargetEndpoint:
		return []need{{name: "this port", endpoint: true}}
	case len(f.run.Options.Only) > 0:
		var all []need
		for _, p := range f.run.Options.Only {
			all = append(all, need{name: strings.ToUpper(string(p)), protocols: []ports.Protocol{p}})
		}
		return all
	case f.run.Target.Kind == evidence.TargetHost, f.run.Target.Kind == evidence.TargetIP:
		return []need{anything}
	}
	reading := need{name: "reading", protocols: []ports.Protocol{ports.IMAP, ports.POP3}}
	sending := need{name: "sending", protocols: []ports.Protocol{ports.SMTP}}
	all := []need{anything}
	for _, n := range []need{reading, sending} {
		if !slices.ContainsFunc(n.protocols, func(p ports.Protocol) bool { return !f.promisesOthers(p) }) {
			continue // the domain publishes services, and not this one
		}
		all = append(all, n)
	}
	return all
}

// missing says why a need is not met, or "" when it is.
func (f *facts) missing(n need) string {
	var tried *seen
	for i := range f.seen {
		s := &f.seen[i]
		switch {
		case n.endpoint && s.claim != named:
			continue
		case !n.endpoint && (!slices.Contains(n.protocols, s.Protocol) || !s.forPeople()):
			continue
		case s.sound():
			return ""
		case tried == nil || s.progress() > tried.progress():
			tried = s
		}
	}
	if tried == nil {
		return "no port for " + n.name + " was found"
	}
	return fmt.Sprintf("%s could not be tested; the furthest way ended so: %s", n.name, tried.ending())
}

// ending is the evidence line of the step that failed.
func (s *seen) ending() string {
	switch {
	case s.Connect.Failure != nil:
		return connectFact(s).line()
	case s.TLS != nil && s.TLS.Failure != nil:
		return tlsFact(s).line()
	case s.Greeting != nil && !s.passed(evidence.StepGreet):
		return greetingFact(s).line()
	case s.Plain != nil && s.Plain.Failure != nil:
		return s.place() + ": asked for its capabilities, " + failureWords(s.Plain.Failure)
	case s.StartTLS != nil && s.StartTLS.Failure != nil:
		return s.place() + ": asked for STARTTLS, " + failureWords(s.StartTLS.Failure)
	case s.End != nil:
		return fmt.Sprintf("%s: after the step %q, %s", s.place(), s.End.After, failureWords(&s.End.Failure))
	}
	return s.place() + ": the session did not get as far as a login"
}

// loginUnclear says why the login proves nothing although there were
// credentials: tried, and neither accepted nor refused.
func (f *facts) loginUnclear() string {
	if !f.run.Options.Credentials {
		return ""
	}
	var unclear *seen
	for i := range f.seen {
		s := &f.seen[i]
		if s.passed(evidence.StepLogin) {
			return ""
		}
		if len(s.Logins) > 0 && unclear == nil {
			unclear = s
		}
	}
	if unclear == nil {
		return "the login was not tried: " + f.whySkipped()
	}
	last := unclear.Logins[len(unclear.Logins)-1]
	switch {
	case last.Reply != nil:
		return fmt.Sprintf("%s answers the login with: %s", unclear.place(), replyWords(last.Reply))
	case last.Failure != nil:
		return fmt.Sprintf("%s, login: %s", unclear.place(), failureWords(last.Failure))
	}
	return unclear.place() + " did not answer the login"
}

// whySkipped is the reason at the endpoint where a login was most expected.
func (f *facts) whySkipped() string {
	for _, s := range f.seen {
		switch {
		case !s.forPeople():
		case s.Skipped == evidence.SkipNotOffered:
			return "the server offers no way to log in that can be used with a password"
		case s.Skipped == evidence.SkipNotSafe:
			return "the password would not have been safe"
		}
	}
	return "no port for it was ready"
}

// noEndpoints says why there was nothing to connect to.
func noEndpoints(f *facts) string {
	for _, l := range f.run.DNS {
		if l.Failure != nil || l.Rcode != "NOERROR" && l.Rcode != "NXDOMAIN" {
			return "no address is known: " + lookupLine(l)
		}
	}
	return "no address to connect to was found"
}
