package diagnose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"postern/internal/doctor/evidence"
)

// A fixture is testdata/NAME.edit: the changes that make a healthy run the run
// of somebody with that fault. One change per line:
//
//	PATH = JSON     sets a value
//	delete PATH     removes one
//
// A path is names separated by dots. In a list, * is every element, a number
// is one, and [port=993] are those whose field has that value.

// fixtureRun returns testdata/healthy.json with the changes of a fixture.
func fixtureRun(t testing.TB, edits string) *evidence.Run {
	t.Helper()
	var doc any
	if err := json.Unmarshal(readFile(t, "healthy.json"), &doc); err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(edits, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := applyEdit(&doc, line); err != nil {
			t.Fatalf("line %d, %s: %v", n+1, line, err)
		}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	run, err := evidence.Load(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func applyEdit(doc *any, line string) error {
	if path, ok := strings.CutPrefix(line, "delete "); ok {
		return edit(doc, strings.Split(path, "."), nil)
	}
	path, text, ok := strings.Cut(line, " = ")
	if !ok {
		return fmt.Errorf("want PATH = JSON or delete PATH")
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	return edit(doc, strings.Split(path, "."), &value)
}

// edit sets what path leads to, or removes it when value is nil. It fails when
// the path leads nowhere, so that no fixture is healthy by a slip.
func edit(node *any, path []string, value *any) error {
	if len(path) == 0 {
		*node = *value
		return nil
	}
	switch n := (*node).(type) {
	case map[string]any:
		return editField(n, path, value)
	case []any:
		return editElements(node, n, path, value)
	}
	return fmt.Errorf("nothing is at %q", path[0])
}

func editField(fields map[string]any, path []string, value *any) error {
	name := path[0]
	if value == nil && len(path) == 1 {
		delete(fields, name)
		return nil
	}
	child, ok := fields[name]
	if !ok && len(path) > 1 {
		if value == nil {
			return nil
		}
		child = map[string]any{}
	}
	if err := edit(&child, path[1:], value); err != nil {
		return err
	}
	fields[name] = child
	return nil
}

func editElements(node *any, list []any, path []string, value *any) error {
	var kept []any
	hits := 0
	for i := range list {
		if !selects(path[0], i, list[i]) {
			kept = append(kept, list[i])
			continue
		}
		hits++
		if value == nil && len(path) == 1 {
			continue
		}
		if err := edit(&list[i], path[1:], value); err != nil {
			return err
		}
		kept = append(kept, list[i])
	}
	if hits == 0 && path[0] == "new" {
		kept, hits = append(kept, *value), 1
	}
	if hits == 0 {
		return fmt.Errorf("%s selects nothing", path[0])
	}
	*node = kept
	return nil
}

// selects reports whether a path element means this element of a list. Several
// conditions are separated by commas; IPv4 addresses write _ for the dot.
func selects(selector string, index int, element any) bool {
	if selector == "*" {
		return true
	}
	if n, err := strconv.Atoi(selector); err == nil {
		return n == index
	}
	if !strings.HasPrefix(selector, "[") {
		return false
	}
	fields, _ := element.(map[string]any)
	for _, condition := range strings.Split(strings.Trim(selector, "[]"), ",") {
		name, want, _ := strings.Cut(condition, "=")
		if got := strings.ReplaceAll(fmt.Sprint(fields[name]), ".", "_"); got != want {
			return false
		}
	}
	return true
}
