package diagnose

import (
	"fmt"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// rule names one fault wherever it sees it. It does not ask whether that
// matters to the user.
type rule struct {
	id   fault.ID
	look func(*facts) []sighting
}

// fact is one line of evidence. Where several places show the same, they share
// the line.
type fact struct {
	at   *seen            // the place; nil when the text says it all
	text string           // what was seen there
	took *evidence.Millis // how long it took; nil when that does not matter
}

// rules lists every rule, layer after layer.
var rules = []rule{
	{"DN02", hostNotFound},
	{"DN08", noMailRecords},
	{"LN07", ipv6Broken},
	{"RT01", atEach(portRefused)},
	{"RT02", atEach(portFiltered)},
	{"RT11", atEach(resetAfterAccept)},
	{"RT12", atEach(closedAfterAccept)},
	{"GW01", atEach(noGreeting)},
	{"GW02", atEach(slowGreeting)},
	{"GW03", atEach(serverBusy)},
	{"GW05", atEach(wrongService)},
	{"TL01", atEach(startTLSNotOffered)},
	{"TL03", atEach(startTLSRefused)},
	{"TL04", atEach(versionMismatch)},
	{"TL07", atEach(certificateRule(expired))},
	{"TL09", atEach(certificateRule(notYetValid))},
	{"TL10", atEach(certificateRule(otherName))},
	{"TL11", atEach(certificateRule(selfSigned))},
	{"TL12", atEach(certificateRule(unknownAuthority))},
	{"TL17", atEach(certificateRule(addressNotName))},
	{"AU01", atEach(wrongPassword)},
	{"MB02", atEach(mailboxLocked)},
}

// sighting is a fault seen at one place.
type sighting struct {
	at   *seen  // the endpoint, nil when the fault lies before any
	host string // the place when at is nil

	step       evidence.Step // the step that the fault stops or spoils
	confidence float64
	args       fault.Args
	facts      []fact // what shows it

	// severity, owner and also stand in for those of the catalogue when set.
	severity fault.Severity
	owner    fault.Owner
	also     []fault.Owner

	// cause tells sightings of one fault apart that need one act each: those
	// with the same cause become one finding. Empty: the host is the cause.
	cause string

	id fault.ID // of the rule; set by look
}

// atEach makes a rule for the run from a rule for one endpoint.
func atEach(look func(*facts, *seen) *sighting) func(*facts) []sighting {
	return func(f *facts) []sighting {
		var all []sighting
		for i := range f.seen {
			if s := look(f, &f.seen[i]); s != nil {
				s.at = &f.seen[i]
				all = append(all, *s)
			}
		}
		return all
	}
}

// add adds a line of evidence that holds anywhere.
func (s *sighting) add(format string, args ...any) {
	s.facts = append(s.facts, fact{text: fmt.Sprintf(format, args...)})
}

// look applies every rule.
func look(f *facts) []sighting {
	var all []sighting
	for _, r := range rules {
		for _, s := range r.look(f) {
			s.id = r.id
			all = append(all, s)
		}
	}
	return all
}
