package diagnose

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/internal/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every fixture's findings are golden: a changed finding is a reviewed diff.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob("testdata/*.edit")
	if err != nil || len(names) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".edit")
		t.Run(base, func(t *testing.T) {
			edits := string(readFile(t, base+".edit"))
			result := Judge(fixtureRun(t, edits))
			checkExpectation(t, edits, result)
			golden(t, base+".golden", describe(result))
		})
	}
}

// checkExpectation holds a fixture to its first line, "# expect: TL07 fault",
// so that no update of golden files can hide a wrong root cause. After the
// root cause and verdict may follow what else may be of severity warning.
func checkExpectation(t *testing.T, edits string, result Result) {
	t.Helper()
	line, _, _ := strings.Cut(edits, "\n")
	fields := strings.Fields(strings.TrimPrefix(line, "# expect: "))
	if !strings.HasPrefix(line, "# expect: ") || len(fields) < 2 {
		t.Fatalf("the first line %q is no expectation", line)
	}
	first := "nothing"
	if len(result.Findings) > 0 && result.Findings[0].Severity > fault.SeverityInfo {
		first = string(result.Findings[0].ID)
	}
	if first != fields[0] {
		t.Errorf("root cause %s, want %s", first, fields[0])
	}
	if string(result.Verdict) != fields[1] {
		t.Errorf("verdict %s (%s), want %s", result.Verdict, result.Reason, fields[1])
	}
	allowed := strings.Join(fields[2:], " ")
	for i, f := range result.Findings {
		if i > 0 && f.Severity >= fault.SeverityWarning && f.ID != fault.ID(fields[0]) && !strings.Contains(allowed, string(f.ID)) {
			t.Errorf("also found: %s %s", f.ID, f.Severity)
		}
	}
}

// describe writes what matters of a result, one fact per line.
func describe(r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "verdict: %s\n", r.Verdict)
	if r.Reason != "" {
		fmt.Fprintf(&b, "reason: %s\n", r.Reason)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n%s %s %s, confidence %.2f\n", f.ID, f.Name, f.Severity, f.Confidence)
		fmt.Fprintf(&b, "  owner: %s, also %v\n", f.Owner, f.Also)
		fmt.Fprintf(&b, "  where: %s %s %d %s\n", f.Where.Host, f.Where.Address, f.Where.Port, f.Where.Protocol)
		fmt.Fprintf(&b, "  title: %s\n", f.Title)
		for _, l := range f.Evidence {
			fmt.Fprintf(&b, "  - %s\n", l)
		}
	}
	b.WriteByte('\n')
	for _, s := range r.Settings {
		auth := ""
		if s.Auth != AuthPassword {
			auth = ", " + s.Auth
		}
		fmt.Fprintf(&b, "%s: %s %s:%d %s, user %s (%s)%s\n", s.Use, s.Protocol, s.Host, s.Port, s.Security, s.User, s.UserForm, auth)
	}
	b.WriteByte('\n')
	for _, p := range r.Probes {
		fmt.Fprintf(&b, "%-16s %5d  reached %-8s %s\n", p.Address, p.Port, p.Reached, p.Outcome)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s changed (-want +got):\n%s", name, diff)
	}
}

// A saved run holds facts: changing notAfter in it changes the finding.
func TestEditingNotAfterInAHealthyRunExpiresTheCertificate(t *testing.T) {
	healthy := Judge(fixtureRun(t, ""))
	if healthy.Verdict != Healthy || len(healthy.Findings) != 0 {
		t.Fatalf("the healthy run is not: %s", describe(healthy))
	}
	edited := Judge(fixtureRun(t, `endpoints.*.tls.chain.0.not_after = "2026-11-18T00:00:00Z"`))
	if edited.Verdict != Faulty || len(edited.Findings) == 0 || edited.Findings[0].ID != "TL07" {
		t.Fatalf("after the edit: %s", describe(edited))
	}
}

func TestEveryRuleHasItsCatalogueEntryAndFixture(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.edit")
	expected := map[string]bool{}
	for _, name := range names {
		fields := strings.Fields(strings.TrimPrefix(string(readFile(t, filepath.Base(name))), "# expect: "))
		expected[fields[0]] = true
	}
	for _, r := range rules {
		if _, ok := fault.Lookup(r.id); !ok {
			t.Errorf("%s has a rule and no catalogue entry", r.id)
		}
		if !expected[string(r.id)] {
			t.Errorf("%s has a rule and no fixture that expects it", r.id)
		}
	}
}

// Judging must not depend on anything but the evidence, nor change it.
func TestJudgeIsPure(t *testing.T) {
	run, again := fixtureRun(t, ""), fixtureRun(t, "")
	first := describe(Judge(run))
	if second := describe(Judge(run)); first != second {
		t.Error("two judgements of one run differ:\n", cmp.Diff(first, second))
	}
	if diff := cmp.Diff(again, run); diff != "" {
		t.Error("Judge changed the evidence:\n", diff)
	}
}
