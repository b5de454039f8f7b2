package diagnose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// maxLines bounds the evidence lines of a finding; more repeat themselves.
const maxLines = 8

// weighed is a sighting with what it means.
type weighed struct {
	sighting
	severity fault.Severity
}

// findings turns sightings into what is reported: weighed, without
// consequences, one finding for what one act mends, root cause first.
func findings(f *facts, all []sighting) []Finding {
	groups := map[string][]weighed{}
	for _, s := range all {
		severity := f.weigh(s)
		if severity == fault.SeverityOK || isConsequence(s, all) {
			continue
		}
		key := string(s.id) + " " + f.cause(s)
		if s.step == evidence.StepReach { // a port that nobody needs is no part of one that is missed
			key += " " + severity.String()
		}
		groups[key] = append(groups[key], weighed{s, severity})
	}
	sorted := slices.Collect(maps.Values(groups))
	for _, g := range sorted {
		slices.SortStableFunc(g, compare)
	}
	slices.SortFunc(sorted, func(a, b []weighed) int { return compare(a[0], b[0]) })
	var found []Finding
	for _, g := range sorted {
		found = append(found, finding(g))
	}
	return found
}

// cause is what makes sightings of one fault the same: what the rule says, else
// the server, whatever its names.
func (f *facts) cause(s sighting) string {
	switch {
	case s.cause != "":
		return s.cause
	case s.at == nil:
		return s.host
	}
	for _, other := range f.seen { // ordered by claim: the best name comes first
		if other.Address == s.at.Address {
			return other.Host
		}
	}
	return s.at.Host
}

// compare puts the root cause first: the worst, then the one that stops the
// user first, then the surest, then the place that the user relies on most.
func compare(a, b weighed) int {
	return cmp.Or(
		cmp.Compare(b.severity, a.severity),
		cmp.Compare(slices.Index(evidence.Steps(), a.step), slices.Index(evidence.Steps(), b.step)),
		cmp.Compare(b.confidence, a.confidence),
		comparePlaces(a.at, b.at),
		cmp.Compare(a.id, b.id),
		cmp.Compare(a.host, b.host),
	)
}

func comparePlaces(a, b *seen) int {
	switch {
	case a == nil || b == nil:
		return 0
	case a.claim != b.claim:
		return int(b.claim) - int(a.claim)
	}
	return cmp.Compare(preference(a.Endpoint), preference(b.Endpoint))
}

// finding words a group of sightings that have one cause.
func finding(group []weighed) Finding {
	first := group[0]
	entry, _ := fault.Lookup(first.id)
	args := fault.Args{}
	maps.Copy(args, first.args)
	if places := placesOf(group); len(places) > 0 {
		args["port"] = portWords(places)
		args["protocol"] = protocolWords(places)
	}
	entry = entry.With(args)
	owner, also := entry.Owner, entry.Also
	if first.owner != "" {
		owner, also = first.owner, first.also
	}
	found := Finding{
		ID: first.id, Name: entry.Name, Severity: first.severity,
		Confidence: first.confidence, Owner: owner, Also: append([]fault.Owner{}, also...),
		Where: Where{Host: first.host},
		Title: entry.Title, Explanation: entry.Explanation, Fix: entry.Fix, Verify: entry.Verify,
		Evidence: lines(group),
	}
	if first.at != nil {
		found.Where = first.at.where()
	}
	return found
}

// placesOf lists the endpoints of a group, each once.
func placesOf(group []weighed) []*seen {
	var places []*seen
	for _, s := range group {
		if s.at != nil && !slices.Contains(places, s.at) {
			places = append(places, s.at)
		}
	}
	return places
}

// lines words the evidence of a group: what several places show stands once,
// with all of them.
func lines(group []weighed) []string {
	var texts []string
	shown := map[string][]fact{}
	for _, s := range group {
		for _, f := range s.facts {
			if shown[f.text] == nil {
				texts = append(texts, f.text)
			}
			shown[f.text] = append(shown[f.text], f)
		}
	}
	all := []string{}
	for _, text := range texts {
		all = append(all, together(shown[text]))
	}
	if more := len(all) - maxLines; more > 0 {
		all = append(all[:maxLines], fmt.Sprintf("and %d more lines like these", more))
	}
	return all
}

// together is the line of facts with one text.
func together(facts []fact) string {
	text := facts[0].text
	if facts[0].at == nil {
		return text
	}
	var places []*seen
	var least, most evidence.Millis
	timed := facts[0].took != nil
	for i, f := range facts {
		if f.at != nil && !slices.Contains(places, f.at) {
			places = append(places, f.at)
		}
		if timed && f.took != nil {
			if i == 0 {
				least = *f.took
			}
			least, most = min(least, *f.took), max(most, *f.took)
		}
	}
	if timed {
		text += " after " + tookRange(least, most)
	}
	return placeWords(places) + ": " + text
}
