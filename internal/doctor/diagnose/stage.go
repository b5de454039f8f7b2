package diagnose

import (
	"time"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// assess says how each step at an endpoint came out.
func assess(f *facts, e *evidence.Endpoint) map[evidence.Step]StepResult {
	steps := map[evidence.Step]StepResult{}
	for _, step := range evidence.Steps() {
		state, took := assessStep(f, e, step)
		steps[step] = StepResult{Step: step, State: state, Took: took}
	}
	return steps
}

func assessStep(f *facts, e *evidence.Endpoint, step evidence.Step) (State, evidence.Millis) {
	switch step {
	case evidence.StepName:
		return assessName(f, e)
	case evidence.StepReach:
		return outcome(e.Connect.Failure == nil), e.Connect.Took
	case evidence.StepGreet:
		return assessGreeting(e)
	case evidence.StepEncrypt:
		return assessTLS(e)
	case evidence.StepCertify:
		return assessCertificate(e, f.now), 0
	case evidence.StepLogin:
		return assessLogin(e)
	default:
		return assessMailbox(e)
	}
}

func outcome(ok bool) State {
	if ok {
		return Passed
	}
	return Failed
}

// assessName finds the question that gave the address. An IP has none.
func assessName(f *facts, e *evidence.Endpoint) (State, evidence.Millis) {
	if isIP(e.Host) {
		return Absent, 0
	}
	for _, l := range f.lookups(e.Host, "A", "AAAA") {
		for _, r := range l.Records {
			if sameAddress(r.Address, e.Address) {
				return Passed, l.Took
			}
		}
	}
	return Passed, 0 // the address was found some other way, or there would be no endpoint
}

func assessGreeting(e *evidence.Endpoint) (State, evidence.Millis) {
	g := e.Greeting
	switch {
	case g == nil:
		return Skipped, 0
	case g.Failure != nil || !rightService(e) || g.Reply == nil || g.Reply.Status != evidence.StatusOK, turnedAway(e) != nil:
		return Failed, g.Took
	}
	return Passed, g.Took
}

// turnedAway returns the answer to the first question (EHLO, CAPA, CAPABILITY)
// where that is a refusal to serve: such a server has only seemed to greet. A
// POP3 or IMAP server may well refuse the question alone.
func turnedAway(e *evidence.Endpoint) *evidence.Reply {
	for _, c := range []*evidence.Capabilities{e.Plain, e.Protected} {
		if c == nil || c.Failure != nil {
			continue
		}
		switch c.Reply.Status {
		case evidence.StatusClosing, evidence.StatusTemporary:
			return &c.Reply
		case evidence.StatusPermanent:
			if e.Protocol == ports.SMTP {
				return &c.Reply
			}
		}
	}
	return nil
}

// rightService reports whether the greeting belongs to the expected protocol.
// At a port that tells no protocol any mail protocol is right.
func rightService(e *evidence.Endpoint) bool {
	if e.Protocol == "" {
		switch ports.Protocol(e.Greeting.Service) {
		case ports.SMTP, ports.POP3, ports.IMAP:
			return true
		}
		return false
	}
	return e.Greeting.Service == string(e.Protocol)
}

func assessTLS(e *evidence.Endpoint) (State, evidence.Millis) {
	switch {
	case e.TLS != nil && e.TLS.Failure == nil:
		return Passed, e.TLS.Took
	case e.TLS != nil:
		return Failed, e.TLS.Took
	case e.StartTLS != nil && (e.StartTLS.Asked || !e.StartTLS.Offered && e.Plain != nil && e.Plain.Reply.Status == evidence.StatusOK):
		return Failed, e.StartTLS.Took
	}
	return Skipped, 0
}

func assessCertificate(e *evidence.Endpoint, now time.Time) State {
	if e.TLS == nil || e.TLS.Failure != nil {
		return Skipped
	}
	return outcome(len(certificateFaults(e.TLS, e.Host, now)) == 0)
}

func assessLogin(e *evidence.Endpoint) (State, evidence.Millis) {
	if e.Role == ports.Relay {
		return Absent, 0
	}
	if len(e.Logins) == 0 {
		return Skipped, 0
	}
	last := e.Logins[len(e.Logins)-1]
	return outcome(last.Failure == nil && last.Reply != nil && last.Reply.Status == evidence.StatusOK), last.Took
}

// assessMailbox says whether the endpoint can be used in the end. Sending has
// no mailbox to open: there the login is the end.
func assessMailbox(e *evidence.Endpoint) (State, evidence.Millis) {
	if e.Protocol == ports.SMTP {
		return Absent, 0
	}
	if e.Mailbox == nil {
		return Skipped, 0
	}
	m := e.Mailbox
	return outcome(m.Failure == nil && m.Reply != nil && m.Reply.Status == evidence.StatusOK), m.Took
}

// probe is the public form of how far an endpoint came.
func (s seen) probe() Probe {
	p := Probe{
		Where:    s.where(),
		Security: s.Security,
		Role:     s.Role,
		Outcome:  "ok",
	}
	for _, step := range sessionOrder(s.Endpoint) {
		r := s.steps[step]
		p.Took += r.Took
		switch r.State {
		case Passed:
			p.Reached = step
		case Failed:
			if p.Outcome == "ok" {
				p.Outcome = stopped(s.Endpoint, step)
			}
		}
	}
	for _, step := range evidence.Steps() {
		p.Steps = append(p.Steps, s.steps[step])
	}
	return p
}

// sessionOrder is the order in which the steps were taken: where TLS comes
// first, the greeting comes inside it.
func sessionOrder(e *evidence.Endpoint) []evidence.Step {
	if e.Security != ports.TLS {
		return evidence.Steps()
	}
	return []evidence.Step{
		evidence.StepName, evidence.StepReach, evidence.StepEncrypt, evidence.StepCertify,
		evidence.StepGreet, evidence.StepLogin, evidence.StepUse,
	}
}

func (s seen) where() Where {
	return Where{Host: s.Host, Address: s.Address, Port: s.Port, Protocol: s.Protocol}
}

// stopped names in one word what went wrong at a step.
func stopped(e *evidence.Endpoint, step evidence.Step) string {
	switch step {
	case evidence.StepReach:
		return string(e.Connect.Failure.Kind)
	case evidence.StepGreet:
		switch {
		case e.Greeting.Failure != nil && e.Greeting.Failure.Kind == evidence.Timeout:
			return "silent"
		case e.Greeting.Failure != nil:
			return string(e.Greeting.Failure.Kind)
		case !rightService(e):
			return "wrong-service"
		}
		return "turned-away"
	case evidence.StepEncrypt:
		switch {
		case e.TLS != nil:
			return "tls-failed"
		case e.StartTLS.Offered:
			return "starttls-refused"
		}
		return "starttls-missing"
	case evidence.StepCertify:
		return "certificate"
	case evidence.StepLogin:
		return "login-refused"
	}
	return "mailbox-refused"
}
