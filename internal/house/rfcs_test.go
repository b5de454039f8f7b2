package house_test

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/rfcs.md anew")

const (
	root      = "../.."
	rfcsPage  = root + "/docs/rfcs.md"
	titleFile = "testdata/rfc-titles.txt"
)

// cited finds "RFC 9051 §6.4.4" and "RFC 9051". A full stop that ends the
// sentence is not part of the section.
var cited = regexp.MustCompile(`RFC (\d{3,4})(?: §(\d+(?:\.\d+)*))?`)

// TestPageOfRFCs holds docs/rfcs.md against what the code's comments cite.
func TestPageOfRFCs(t *testing.T) {
	page := rfcsDocument(t, citations(t), titles(t))
	if *update {
		if err := os.WriteFile(rfcsPage, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(rfcsPage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, page) {
		t.Errorf("docs/rfcs.md is not what the comments cite; write it anew: go test ./internal/house -run RFCs -update")
	}
}

// section is a citation; a whole RFC has no number.
type section struct {
	rfc    int
	number string
}

// citations returns which packages cite which sections in their comments.
func citations(t *testing.T) map[section]map[string]bool {
	t.Helper()
	found := make(map[section]map[string]bool)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		for _, m := range cited.FindAllSubmatch(text, -1) {
			rfc, _ := strconv.Atoi(string(m[1]))
			s := section{rfc, string(m[2])}
			if found[s] == nil {
				found[s] = make(map[string]bool)
			}
			found[s][strings.TrimPrefix(pkg, "internal/")] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("the code cites no RFC at all")
	}
	return found
}

// titles reads the RFCs' titles: number, tab, title.
func titles(t *testing.T) map[int]string {
	t.Helper()
	f, err := os.Open(titleFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := make(map[int]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		number, title, ok := strings.Cut(lines.Text(), "\t")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			t.Fatalf("%s: want number, tab, title: %q", titleFile, lines.Text())
		}
		out[n] = title
	}
	return out
}

func rfcsDocument(t *testing.T, found map[section]map[string]bool, titles map[int]string) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("# RFCs and where they live\n\n" +
		"Which package follows which RFC, section by section, as the comments in the code\n" +
		"cite them. Packages are named below `internal/`. Written by the tests of\n" +
		"`internal/house`, which fail when this page is out of date.\n")
	last := 0
	for _, s := range slices.SortedFunc(maps.Keys(found), bySection) {
		if s.rfc != last {
			title, ok := titles[s.rfc]
			if !ok {
				t.Errorf("%s has no title for RFC %d", titleFile, s.rfc)
			}
			fmt.Fprintf(&b, "\n## RFC %d: %s\n\n", s.rfc, title)
			last = s.rfc
		}
		name := "as a whole"
		if s.number != "" {
			name = "§" + s.number
		}
		fmt.Fprintf(&b, "- %s: %s\n", name, strings.Join(slices.Sorted(maps.Keys(found[s])), ", "))
	}
	return b.Bytes()
}

// bySection sorts §10 behind §9, which plain text would not.
func bySection(a, b section) int {
	return cmp.Or(cmp.Compare(a.rfc, b.rfc), slices.Compare(numbers(a.number), numbers(b.number)))
}

func numbers(section string) []int {
	var out []int
	for part := range strings.SplitSeq(section, ".") {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}
