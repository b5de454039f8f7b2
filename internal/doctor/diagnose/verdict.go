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
	case s.steps[evidence.StepUse].State == Failed:
		return s.place() + answerWords(s.Mailbox.Command, s.Mailbox.Reply, s.Mailbox.Failure)
	case s.steps[evidence.StepLogin].State == Failed:
		last := s.Logins[len(s.Logins)-1]
		return s.place() + answerWords("the login", last.Reply, last.Failure)
	case s.Connect.Failure != nil:
		return connectFact(s).line()
	case s.TLS != nil && s.TLS.Failure != nil:
		return tlsFact(s).line()
	case turnedAway(s.Endpoint) != nil:
		return s.place() + answerWords(firstQuestion[s.Protocol], turnedAway(s.Endpoint), nil)
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

// answerWords says what came of something that was asked.
func answerWords(asked string, reply *evidence.Reply, failure *evidence.Failure) string {
	switch {
	case reply != nil:
		return " answers " + asked + " with: " + replyWords(reply)
	case failure != nil:
		return " does not answer " + asked + ": " + failureWords(failure)
	}
	return " does not answer " + asked
}

// loginUnclear says why the logins do not show that the user can read and send,
// although there were credentials: at some protocol none was accepted, or the
// mailbox did not open, and no rule knows why.
func (f *facts) loginUnclear() string {
	if !f.run.Options.Credentials {
		return ""
	}
	refused, accepted := "", false
	for _, p := range []ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP} {
		var refusing *seen
		works := false
		for i := range f.seen {
			s := &f.seen[i]
			switch {
			case s.Protocol != p || !f.decides(s):
			case s.refuses() && refusing == nil:
				refusing = s
			case s.passed(evidence.StepLogin) && !s.refuses():
				works = true
			}
		}
		accepted = accepted || works
		if refusing != nil && !works && refused == "" {
			refused = refusing.ending()
		}
	}
	switch {
	case refused != "":
		return refused
	case !accepted && !f.namesRelay():
		return "the login was not tried: " + f.whySkipped()
	}
	return ""
}

// decides reports whether the endpoint has a say in the verdict: where the user
// named a port, that one alone.
func (f *facts) decides(s *seen) bool {
	return s.forPeople() && (f.run.Target.Kind != evidence.TargetEndpoint || s.claim == named)
}

// namesRelay reports whether the user named a port that takes no login.
func (f *facts) namesRelay() bool {
	return slices.ContainsFunc(f.seen, func(s seen) bool { return s.claim == named && !s.forPeople() })
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

// isNullMX reports whether the domain says that it takes no mail (RFC 7505).
func isNullMX(l evidence.Lookup) bool {
	return len(l.Records) == 1 && l.Records[0].Type == "MX" && l.Records[0].Target == "."
}

// noEndpoints says why there was nothing to connect to.
func noEndpoints(f *facts) string {
	for _, l := range f.run.DNS {
		switch {
		case l.Failure != nil:
			return "no DNS server answers: " + lookupLine(l) + "; see whether this machine is online, or name another server with --resolver"
		case l.Rcode != "NOERROR" && l.Rcode != "NXDOMAIN":
			return "the DNS server has no answer: " + lookupLine(l) + "; try later, or name another server with --resolver"
		case l.Type == "MX" && isNullMX(l):
			return l.Name + " says in the DNS that it takes no mail (MX 0 .), and no usual name of a mail server has an address"
		}
	}
	return "no address to connect to was found"
}
