package diagnose

import (
	"slices"

	"postern/internal/client"
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
	setting.Auth = s.authentication()
	switch {
	case !s.forPeople() || s.Protocol == "" || setting.Auth == "":
		return setting, false
	case s.sound() && len(s.Logins) == 0 && f.refusedNearby(s):
		return setting, f.onlyPasswordWrong(s.Protocol)
	case s.works():
		return setting, true
	case s.sound() && s.refusesPassword() && !acceptedElsewhere(f, &s):
		return setting, true // with the right password
	case s.refuses():
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

// authentication is how a mail program can log in at the endpoint, as far as its
// capabilities tell: "" for no way that mail programs have.
func (s seen) authentication() string {
	last := s.Plain
	if s.TLS != nil {
		last = s.Protected
	}
	if last == nil || last.Failure != nil {
		return AuthPassword
	}
	caps := client.Capabilities{Protocol: s.Protocol, Keywords: last.Keywords}
	offers := func(mechanism string) bool { return slices.Contains(caps.SASL(), mechanism) }
	switch {
	case len(caps.Mechanisms()) > 0, offers("SCRAM-SHA-256"), offers("SCRAM-SHA-1"), offers("CRAM-MD5"):
		return AuthPassword
	case offers("XOAUTH2"), offers("OAUTHBEARER"):
		return AuthOAuth2
	case s.Protocol == ports.SMTP:
		return AuthNone
	}
	return ""
}

// refusedNearby reports whether a login on another port, or on the same one at
// another address of the host, was refused, so that none was tried here.
func (f *facts) refusedNearby(s seen) bool {
	return s.Skipped == evidence.SkipRejected || slices.ContainsFunc(f.seen, func(other seen) bool {
		return other.Host == s.Host && other.Port == s.Port && other.refuses()
	})
}

// onlyPasswordWrong reports whether a refused login, after which the other ports
// of a protocol were left alone, speaks against the password alone.
func (f *facts) onlyPasswordWrong(p ports.Protocol) bool {
	wrong := false
	for i := range f.seen {
		switch s := &f.seen[i]; {
		case s.refusesPassword() && !acceptedElsewhere(f, s):
			wrong = true
		case s.Protocol == p && s.refuses():
			return false
		}
	}
	return wrong
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
