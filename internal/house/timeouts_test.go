package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

const (
	timeoutsPage = root + "/docs/timeouts.md"
	timeoutsFile = root + "/internal/mailhost/door/timeouts.go"
)

// TestPageOfTimeouts holds docs/timeouts.md against the limits of the doors:
// each has a row with its name and its value.
func TestPageOfTimeouts(t *testing.T) {
	page, err := os.ReadFile(timeoutsPage)
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(timeoutsFile)
	if err != nil {
		t.Fatal(err)
	}
	all := limits(t, string(code))
	if len(all) < 10 {
		t.Fatalf("found only %d limits in %s", len(all), timeoutsFile)
	}
	for name, value := range all {
		if !hasRow(string(page), name, value) {
			t.Errorf("docs/timeouts.md has no row with `%s` and %q", name, value)
		}
	}
}

func TestPageOfTimeoutsBites(t *testing.T) {
	all := limits(t, "package door\nconst (\n\tDrain = 5 * time.Second\n\tRate = 256\n)")
	if len(all) != 2 || all["Drain"] != "5 s" || all["Rate"] != "256 bytes" {
		t.Fatalf("read %v", all)
	}
	for page, want := range map[string]bool{
		"| reading on | 5 s | `Drain` |":    true,
		"| reading on | 5 s |":              false,
		"| reading on | 15 s | `Drain` |":   false,
		"| a | 15 s | `Drain` |\n| b | 5 s": false,
	} {
		if hasRow(page, "Drain", all["Drain"]) != want {
			t.Errorf("%q: want %v", page, want)
		}
	}
}

// limits reads constants such as "15 * time.Second", or a number of bytes, and
// writes their values as the page does.
func limits(t *testing.T, code string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	units := map[string]string{"Millisecond": " ms", "Second": " s", "Minute": " min", "Hour": " h"}
	all := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			switch value := spec.Values[i].(type) {
			case *ast.BasicLit:
				all[name.Name] = value.Value + " bytes"
			case *ast.BinaryExpr:
				all[name.Name] = value.X.(*ast.BasicLit).Value + units[value.Y.(*ast.SelectorExpr).Sel.Name]
			}
		}
		return false
	})
	return all
}

// hasRow looks for one row with both, the value being a number of its own.
func hasRow(page, name, value string) bool {
	number := regexp.MustCompile(`(^|[^0-9])` + regexp.QuoteMeta(value) + `\b`)
	for row := range strings.Lines(page) {
		if strings.Contains(row, "`"+name+"`") && number.MatchString(row) {
			return true
		}
	}
	return false
}
