package diagnose

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// checkSane holds for the judgement of any evidence whatever.
func checkSane(t tester, run *evidence.Run) {
	r := Judge(run)
	if !slices.Contains([]Verdict{Healthy, Faulty, Untested}, r.Verdict) {
		t.Fatalf("verdict %q", r.Verdict)
	}
	if (r.Verdict == Untested) != (r.Reason != "") {
		t.Fatalf("verdict %s with the reason %q", r.Verdict, r.Reason)
	}
	for i, f := range r.Findings {
		if f.Confidence <= 0 || f.Confidence > 1 || f.Title == "" || f.Owner == "" || len(f.Evidence) == 0 || f.Also == nil {
			t.Fatalf("finding %+v", f)
		}
		if i > 0 && f.Severity > r.Findings[i-1].Severity {
			t.Fatalf("%s (%s) stands after %s (%s)", f.ID, f.Severity, r.Findings[i-1].ID, r.Findings[i-1].Severity)
		}
		if r.Verdict == Healthy && f.Severity >= fault.SeverityError {
			t.Fatalf("healthy with %s (%s)", f.ID, f.Severity)
		}
	}
	if len(r.Probes) != len(run.Endpoints) {
		t.Fatalf("%d probes of %d endpoints", len(r.Probes), len(run.Endpoints))
	}
}

// Any part of a run may be missing or odd: a run may be cut short, and a saved
// one may be edited by hand.
func TestJudgeTakesAnyEvidence(t *testing.T) {
	file := readFile(t, "healthy.json")
	rapid.Check(t, func(t *rapid.T) {
		judgeDamaged(t, file, rapid.IntRange(1, 12).Draw(t, "changes"), func(n int) int {
			return rapid.IntRange(0, n-1).Draw(t, "choice")
		})
	})
}

// maxChoices keeps FuzzJudge from spending its time on making inputs shorter,
// which takes the fuzzer tries in the square of their length, for each that it
// finds interesting.
const maxChoices = 64

// FuzzJudge lets each byte choose where and what the damage to a run is. Of the
// bytes of a file the fuzzer would only learn JSON.
func FuzzJudge(f *testing.F) {
	var small bytes.Buffer
	run := fixtureRun(f, "delete endpoints.[address=2001:db8::10]\ndelete endpoints.[security=starttls]")
	if err := evidence.Save(&small, run); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		if len(choices) > maxChoices {
			return
		}
		judgeDamaged(t, small.Bytes(), 1+len(choices)/8, func(n int) int {
			if len(choices) == 0 {
				return 0
			}
			choice := int(choices[0]) % n
			choices = choices[1:]
			return choice
		})
	})
}

// tester is a *testing.T or *rapid.T.
type tester interface{ Fatalf(string, ...any) }

// judgeDamaged damages a run in some places and judges what is left. choose
// returns a number below n.
func judgeDamaged(t tester, file []byte, changes int, choose func(n int) int) {
	var doc any
	if err := json.Unmarshal(file, &doc); err != nil {
		t.Fatalf("%v", err)
	}
	for range changes {
		damage(choose, &doc)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatalf("%v", err)
	}
	run, err := evidence.Load(bytes.NewReader(data))
	if err != nil {
		return // not even a run any more
	}
	checkSane(t, run)
}

// damage walks to some place and puts something else there.
func damage(choose func(n int) int, node *any) {
	descend := choose(10) > 0
	switch n := (*node).(type) {
	case map[string]any:
		if len(n) > 0 && descend {
			key := sortedKeys(n)[choose(len(n))]
			if choose(6) == 5 {
				delete(n, key)
				return
			}
			child := n[key]
			damage(choose, &child)
			n[key] = child
			return
		}
	case []any:
		if len(n) > 0 && descend {
			damage(choose, &n[choose(len(n))])
			return
		}
	}
	*node = replacement(choose, *node)
}

// replacement is an odd value of the same type, mostly.
func replacement(choose func(n int) int, old any) any {
	pick := func(values ...any) any { return values[choose(len(values))] }
	switch old.(type) {
	case string:
		return pick("", "\x00", "timeout", "refused", "permanent", "temporary", "closing", "-ERR", "NO", "tls", "0001-01-01T00:00:00Z", "::1", "9999-12-31T00:00:00Z")
	case float64:
		return pick(0.0, -1.0, 1e9)
	case bool:
		return pick(true, false)
	case []any:
		return []any{}
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	return slices.Sorted(maps.Keys(m))
}
