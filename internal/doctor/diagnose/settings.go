package diagnose

import (
	"slices"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// settings lists what would work in a mail program, the best first in each
// half. An endpoint that is sound under another name is listed by that name.
func settings(f *facts) []Setting {
	var all []Setting
	for _, s := range f.seen {
		setting, ok := f.setting(s)
		if !ok || slices.ContainsFunc(all, func(have Setting) bool { return sameWay(have, setting) }) {
			continue
		}
		all = append(all, setting)
	}
	slices.SortStableFunc(all, func(a, b Setting) int { return rank(a) - rank(b) })
	return all
}

// setting is how to use the endpoint, if it can be used.
func (f *facts) setting(s seen) (Setting, bool) {
	setting := Setting{
		Use: evidence.Incoming, Protocol: s.Protocol, Host: s.Host, Port: s.Port, Security: s.Security,
	}
	if s.Protocol == ports.SMTP {
		setting.Use = evidence.Outgoing
	}
	setting.User, setting.UserForm = f.userName()
	switch {
	case !s.forPeople() || s.Protocol == "":
		return setting, false
	case s.works():
		return setting, true
	case s.sound() && s.refusesPassword() && !acceptedElsewhere(f, &s):
		return setting, true // with the right password
	case s.steps[evidence.StepLogin].State == Failed || s.steps[evidence.StepUse].State == Failed:
		return setting, false
	case s.soundAs(f) != "":
		setting.Host = s.soundAs(f)
		return setting, true
	case s.soundWithTLS(f):
		setting.Security = ports.TLS
		return setting, true
	}
	return setting, false
}

// soundAs returns the name under which the certificate would be right, when the
// name is all that is wrong.
func (s seen) soundAs(f *facts) string {
	if s.TLS == nil || s.TLS.Failure != nil || !s.passed(evidence.StepGreet) {
		return ""
	}
	faults := certificateFaults(s.TLS, s.Host, f.now)
	if len(faults) != 1 || faults[0] != otherName && faults[0] != addressNotName {
		return ""
	}
	return sameServerName(f, s.Endpoint)
}

// soundWithTLS reports whether the endpoint stays silent in plain text and
// answers TLS with a good certificate.
func (s seen) soundWithTLS(f *facts) bool {
	return s.Greeting != nil && silent(s.Greeting) && s.Hello != nil && s.Hello.TLS != nil && s.Hello.TLS.Failure == nil &&
		len(certificateFaults(s.Hello.TLS, s.Host, f.now)) == 0
}

// userName is the user name that was accepted, else the one that mail programs
// try first: the whole address.
func (f *facts) userName() (string, evidence.UserForm) {
	for _, s := range f.seen {
		if s.passed(evidence.StepLogin) {
			last := s.Logins[len(s.Logins)-1]
			return last.User, last.Form
		}
	}
	t := f.run.Target
	if t.User != "" && t.User != t.Address {
		return t.User, evidence.UserAsTyped
	}
	return t.Address, evidence.UserAddress
}

func sameWay(a, b Setting) bool {
	return a.Protocol == b.Protocol && a.Port == b.Port && a.Host == b.Host
}

// rank orders settings as preference orders endpoints, whatever claims them.
func rank(s Setting) int {
	return preference(&evidence.Endpoint{Protocol: s.Protocol, Security: s.Security, Port: s.Port})
}
