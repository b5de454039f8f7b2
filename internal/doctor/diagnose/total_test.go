package diagnose

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// checkSane holds for the judgement of any evidence whatever.
func checkSane(t interface{ Fatalf(string, ...any) }, run *evidence.Run) {
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
	healthy := readFile(t, "healthy.json")
	rapid.Check(t, func(t *rapid.T) {
		var doc any
		if err := json.Unmarshal(healthy, &doc); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			damage(t, &doc)
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		run, err := evidence.Load(bytes.NewReader(data))
		if err != nil {
			t.Skip("not even a run any more")
		}
		checkSane(t, run)
	})
}

// damage walks to a random place and puts something else there.
func damage(t *rapid.T, node *any) {
	descend := rapid.IntRange(0, 9).Draw(t, "depth") > 0
	switch n := (*node).(type) {
	case map[string]any:
		if len(n) > 0 && descend {
			key := rapid.SampledFrom(sortedKeys(n)).Draw(t, "key")
			if rapid.IntRange(0, 5).Draw(t, "drop") == 0 {
				delete(n, key)
				return
			}
			child := n[key]
			damage(t, &child)
			n[key] = child
			return
		}
	case []any:
		if len(n) > 0 && descend {
			damage(t, &n[rapid.IntRange(0, len(n)-1).Draw(t, "index")])
			return
		}
	}
	*node = replacement(t, *node)
}

// replacement is an odd value of the same type, mostly.
func replacement(t *rapid.T, old any) any {
	switch old.(type) {
	case string:
		return rapid.SampledFrom([]any{"", "\x00", "timeout", "refused", "permanent", "-ERR", "NO", "tls", "0001-01-01T00:00:00Z", "::1", "9999-12-31T00:00:00Z"}).Draw(t, "text")
	case float64:
		return rapid.SampledFrom([]any{0.0, -1.0, 1e9}).Draw(t, "number")
	case bool:
		return rapid.Bool().Draw(t, "flag")
	case []any:
		return []any{}
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func FuzzJudge(f *testing.F) {
	var small bytes.Buffer // the fuzzer is slow with large seeds
	run := fixtureRun(f, "delete endpoints.[address=2001:db8::10]\ndelete endpoints.[security=starttls]")
	if err := evidence.Save(&small, run); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	f.Add([]byte(`{"evidence":1,"started":"2026-11-21T12:00:00Z","endpoints":[{"tls":{"chain":[{}]}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := evidence.Load(bytes.NewReader(data))
		if err != nil {
			return
		}
		checkSane(t, run)
	})
}
