package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pkg is the part of `go list -json` that the rules look at.
type pkg struct {
	ImportPath   string
	Name         string
	Doc          string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// floors lists the house from the ground up. A package may import packages of
// its own floor and of the floors below, unless a rule in walls says no.
var floors = [][]string{
	{"internal/fault", "internal/secret", "internal/version"},
	{"internal/wire"},
	{"internal/pki", "internal/dns", "internal/policy", "internal/client"},
	{"internal/lab", "internal/mailhost", "internal/doctor"},
	{"internal/demo", "internal/interop", "internal/house", "internal/watch", "internal/web"},
	{"cmd"},
}

// walls lists what must never be imported although the floors would allow it.
var walls = []struct{ from, to string }{
	{"internal/mailhost", "internal/doctor"},
	{"internal/doctor", "internal/mailhost"},
	{"internal/lab", "internal/mailhost"},
	{"internal/lab", "internal/doctor"},
	{"internal/demo", "internal/mailhost"},
	{"internal/demo", "internal/doctor"},
	{"internal/mailhost", "internal/lab"},
	{"internal/doctor", "internal/lab"},
	{"internal/mailhost/smtpd", "internal/mailhost/imapd"},
	{"internal/mailhost/smtpd", "internal/mailhost/popd"},
	{"internal/mailhost/imapd", "internal/mailhost/smtpd"},
	{"internal/mailhost/imapd", "internal/mailhost/popd"},
	{"internal/mailhost/popd", "internal/mailhost/smtpd"},
	{"internal/mailhost/popd", "internal/mailhost/imapd"},
}

// homes says which packages alone may use a library. An empty list means
// that only test files may.
var homes = map[string][]string{
	"modernc.org/sqlite":                    {"internal/mailhost/store", "internal/mailhost/activity"},
	"github.com/miekg/dns":                  {"internal/dns", "internal/lab"},
	"github.com/spf13/cobra":                {"cmd"},
	"github.com/pelletier/go-toml/v2":       {"internal/mailhost/config", "internal/fault"},
	"github.com/emersion/go-imap/v2":        {},
	"pgregory.net/rapid":                    {},
	"github.com/google/go-cmp":              {},
	"github.com/rogpeppe/go-internal":       {},
	"github.com/santhosh-tekuri/jsonschema": {},
	"testing":                               {"internal/lab"},
}

// fixtures lists packages that are there for tests alone. Only test files may
// import them, and what they import is judged like a test's.
var fixtures = []string{"internal/mailhost/testhost"}

// socketless lists what opens sockets or files and so has no place in wire.
var socketless = []string{"net", "net/http", "os", "crypto/tls", "database/sql"}

func TestImportsPointDownwards(t *testing.T) {
	for _, p := range modulePackages(t) {
		from := strings.TrimPrefix(p.ImportPath, "postern/")
		rule := forbidden
		if isFixture(p.ImportPath) {
			rule = forbiddenInTest
		}
		for _, imp := range p.Imports {
			if why := rule(from, imp); why != "" {
				t.Errorf("%s imports %s: %s", from, imp, why)
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if why := forbiddenInTest(from, imp); why != "" {
				t.Errorf("tests of %s import %s: %s", from, imp, why)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range modulePackages(t) {
		if len(p.Doc) < 25 {
			t.Errorf("%s has no doc comment worth the name: %q", p.ImportPath, p.Doc)
		}
	}
}

// TestRulesBite feeds the rules imports that they must refuse, so that a slip
// in the tables can't turn the tests above into checks that never fail.
func TestRulesBite(t *testing.T) {
	for _, bad := range [][2]string{
		{"internal/wire/smtp", "postern/internal/client"},
		{"internal/wire/smtp", "net"},
		{"internal/mailhost/smtpd", "postern/internal/mailhost/imapd"},
		{"internal/mailhost", "postern/internal/doctor/probe"},
		{"internal/doctor", "postern/internal/mailhost/store"},
		{"internal/lab", "postern/internal/mailhost"},
		{"internal/doctor/probe", "postern/internal/lab"},
		{"internal/client", "postern/cmd/postern"},
		{"internal/doctor/probe", "modernc.org/sqlite"},
		{"internal/client", "pgregory.net/rapid"},
		{"internal/mailhost", "postern/internal/mailhost/testhost"},
		{"cmd/postern", "postern/internal/mailhost/testhost"},
		{"internal/nowhere", "postern/internal/fault"},
	} {
		if forbidden(bad[0], bad[1]) == "" {
			t.Errorf("%s may import %s, and must not", bad[0], bad[1])
		}
	}
	if forbiddenInTest("internal/doctor", "postern/internal/mailhost/testhost") == "" {
		t.Error("the doctor's tests may import the mail host's fixtures, through the wall")
	}
	if why := forbiddenInTest("internal/mailhost/smtpd", "postern/internal/mailhost/testhost"); why != "" {
		t.Errorf("the tests of smtpd may not import their fixtures: %s", why)
	}
	if why := forbidden("internal/mailhost/smtpd", "postern/internal/wire/smtp"); why != "" {
		t.Errorf("smtpd may not import its own grammar: %s", why)
	}
	if why := forbiddenInTest("internal/doctor/probe", "postern/internal/lab"); why != "" {
		t.Errorf("tests may not import the lab: %s", why)
	}
}

func forbidden(from, imp string) string {
	for lib, allowed := range homes {
		if within(imp, lib) && !slices.ContainsFunc(allowed, func(home string) bool { return within(from, home) }) {
			return "this library has its place elsewhere"
		}
	}
	if within(from, "internal/wire") && slices.Contains(socketless, imp) {
		return "wire is grammar and data: no sockets, no files"
	}
	if isFixture(imp) {
		return "only tests may import it"
	}
	return outOfPlace(from, imp)
}

// outOfPlace says what floors and walls say against an import.
func outOfPlace(from, imp string) string {
	to, ours := strings.CutPrefix(imp, "postern/")
	if !ours {
		return ""
	}
	f, g := floor(from), floor(to)
	switch {
	case f < 0:
		return "package " + from + " stands on no floor; give it one in floors"
	case g > f:
		return "imports point downwards"
	}
	for _, w := range walls {
		if within(from, w.from) && within(to, w.to) {
			return "there is a wall between " + w.from + " and " + w.to
		}
	}
	return ""
}

// forbiddenInTest relaxes forbidden for test files: they may use the test
// libraries, the lab and the fixtures.
func forbiddenInTest(from, imp string) string {
	switch {
	case within(imp, "postern/internal/lab"):
		return ""
	case isFixture(imp):
		return outOfPlace(from, imp)
	}
	for lib, allowed := range homes {
		if len(allowed) == 0 && within(imp, lib) {
			return ""
		}
	}
	if !strings.HasPrefix(imp, "postern/") || floor(from) < 0 {
		return ""
	}
	return forbidden(from, imp)
}

func isFixture(path string) bool {
	return slices.Contains(fixtures, strings.TrimPrefix(path, "postern/"))
}

func floor(path string) int {
	return slices.IndexFunc(floors, func(rooms []string) bool {
		return slices.ContainsFunc(rooms, func(room string) bool { return within(path, room) })
	})
}

func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func modulePackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Doc,Imports,TestImports,XTestImports", "postern/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("go list printed no JSON: %v", err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) == 0 {
		t.Fatal("go list found no package")
	}
	return pkgs
}
