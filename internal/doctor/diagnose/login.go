package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// wrongPassword (AU01): the last login was refused for good, by code and text.
func wrongPassword(f *facts, s *seen) *sighting {
	if !s.refusesPassword() {
		return nil
	}
	last := s.lastAnswered()
	sight := &sighting{step: evidence.StepLogin, confidence: 0.9, args: s.args(), cause: last.User}
	for _, l := range s.Logins {
		if l.Reply != nil {
			text := fmt.Sprintf("user name %s, %s: %s", l.User, l.Mechanism, replyWords(l.Reply))
			sight.facts = append(sight.facts, fact{at: s, text: text})
		}
	}
	switch {
	case acceptedElsewhere(f, s):
		sight.confidence = 0.3
		sight.add("the same password is accepted on another port")
	case otherCause.MatchString(last.Reply.Text):
		sight.confidence = 0.3
		sight.add("the words of the reply point to another cause than the password; read them")
	}
	return sight
}

// refusesPassword reports whether the endpoint refused the login for who asks.
func (s *seen) refusesPassword() bool {
	last := s.lastAnswered()
	return last != nil && refusesCredentials(s.Protocol, last.Reply) && !isLocked(s.Protocol, last.Reply)
}

// lastAnswered is the last login that the server answered: after a refusal some
// servers only hang up. It is nil when none was.
func (s *seen) lastAnswered() *evidence.Login {
	for i := range slices.Backward(s.Logins) {
		if s.Logins[i].Reply != nil {
			return &s.Logins[i]
		}
	}
	return nil
}

// refusesCredentials reports whether the reply to a login is a permanent
// refusal of who asks, as opposed to how or when it was asked.
func refusesCredentials(p ports.Protocol, r *evidence.Reply) bool {
	if r.Status != evidence.StatusPermanent {
		return false
	}
	detail := strings.ToUpper(r.Detail)
	switch p {
	case ports.SMTP: // RFC 4954 §6; 530 and 538 ask for encryption
		return r.Code == "535" || r.Code == "534" || strings.HasPrefix(detail, "5.7.8")
	case ports.IMAP: // RFC 5530 §3
		return r.Code == "NO" && (detail == "" || detail == "AUTHENTICATIONFAILED" || detail == "AUTHORIZATIONFAILED" ||
			detail == "EXPIRED" || detail == "ALERT" || strings.HasPrefix(detail, "ALERT") || detail == "CONTACTADMIN")
	default: // RFC 3206
		return r.Code == "-ERR" && (detail == "" || detail == "AUTH")
	}
}

// otherCause matches words of refusals that are no matter of a mistyped
// password.
var otherCause = regexp.MustCompile(`(?i)application-specific|app(lication)?[ -]password|web ?(browser|login)|basic authentication|is disabled|not enabled|disabled|locked|suspended|blocked|expired|too many|oauth|not allowed|support\.google`)

func acceptedElsewhere(f *facts, not *seen) bool {
	for i := range f.seen {
		if s := &f.seen[i]; s != not && s.passed(evidence.StepLogin) {
			return true
		}
	}
	return false
}

// mailboxLocked (MB02): another POP3 session holds the mailbox (RFC 2449
// §8.1.1). Old servers say so in words only.
func mailboxLocked(f *facts, s *seen) *sighting {
	var replies []*evidence.Reply
	for _, l := range s.Logins {
		replies = append(replies, l.Reply)
	}
	if s.Mailbox != nil {
		replies = append(replies, s.Mailbox.Reply)
	}
	for _, r := range replies {
		if r == nil || !isLocked(s.Protocol, r) {
			continue
		}
		sight := &sighting{
			step: evidence.StepUse, confidence: 0.97, args: s.args(),
			facts: []fact{{at: s, text: replyWords(r)}},
		}
		if !strings.EqualFold(r.Detail, "IN-USE") {
			sight.confidence = 0.8
		}
		return sight
	}
	return nil
}

// lockWords matches how servers without response codes (RFC 2449 §8) word it.
var lockWords = regexp.MustCompile(`(?i)(maildrop|mailbox|mail ?drop|mail ?box).{0,40}(locked|in use|busy)|(unable|can.?t|could not|failed) to (lock|get.{0,20}lock)|lock.{0,20}(maildrop|mailbox)`)

func isLocked(p ports.Protocol, r *evidence.Reply) bool {
	if p != ports.POP3 || r.Code != "-ERR" {
		return false
	}
	return strings.EqualFold(r.Detail, "IN-USE") || r.Detail == "" && lockWords.MatchString(r.Text)
}
