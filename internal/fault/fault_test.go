package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCatalogueParses(t *testing.T) {
	faults, err := parseAll(files)
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) == 0 {
		t.Fatal("the catalogue is empty")
	}
	for _, f := range faults {
		if got, ok := Lookup(f.ID); !ok || got.Name != f.Name {
			t.Errorf("Lookup(%s) = %s, %v", f.ID, got.Name, ok)
		}
	}
	if _, ok := Lookup("ZZ99"); ok {
		t.Error("Lookup finds an id that is not there")
	}
}

// Ids are stable: reports, logs and other people's notes name them. None may go
// missing, and none may be left out in between.
func TestNoIDGoesMissing(t *testing.T) {
	want := map[string]int{
		"CL": 17, "LN": 10, "DN": 22, "RT": 18, "GW": 18, "TL": 26, "AU": 18, "AC": 6,
		"MB": 10, "OU": 17, "IN": 7, "RP": 4, "SH": 14, "LG": 4,
	}
	got := map[string]int{}
	for _, f := range All() {
		layer := f.ID.Layer()
		got[layer]++
		if id := fmt.Sprintf("%s%02d", layer, got[layer]); string(f.ID) != id {
			t.Errorf("%s stands where %s should", f.ID, id)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("entries by layer: %v, want %v", got, want)
	}
}

// A data file holds one layer, or several that belong together.
func TestEachLayerHasOneFile(t *testing.T) {
	names, _ := fs.Glob(files, "catalogue/*.toml")
	home := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		faults, err := parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range faults {
			if h, ok := home[f.ID.Layer()]; ok && h != name {
				t.Errorf("%s is in %s, its layer in %s", f.ID, name, h)
			}
			home[f.ID.Layer()] = name
		}
	}
}

// texts returns everything a reader sees of a fault.
func texts(f Fault) []string {
	return append([]string{f.Title, f.Explanation, f.Verify, f.Evidence}, f.Fix...)
}

func TestTextsUseKnownArgumentsOnly(t *testing.T) {
	for _, f := range All() {
		for _, text := range texts(f) {
			for _, arg := range argument.FindAllString(text, -1) {
				if general[strings.Trim(arg, "{}")] == "" {
					t.Errorf("%s uses %s, which has no general words", f.ID, arg)
				}
			}
		}
	}
}

func TestTextsReadWithoutArguments(t *testing.T) {
	odd := regexp.MustCompile(`[{}]|[Pp]ort the port\b|\b[Tt]he the\b|\b(a|name|domain|server) the (server|domain)\b|[.]the (server|domain)|  `)
	for _, f := range All() {
		for _, text := range texts(f.With(nil)) {
			if m := odd.FindString(text); m != "" {
				t.Errorf("%s: %q in %q", f.ID, m, text)
			}
			if first := text[:1]; strings.ToUpper(first) != first && !strings.HasPrefix(text, "postern ") {
				t.Errorf("%s: %q does not begin with a capital", f.ID, text)
			}
		}
	}
}

func TestTitlesAreHeadlines(t *testing.T) {
	for _, f := range All() {
		if title := f.With(nil).Title; len(title) > 110 || strings.HasSuffix(title, ".") {
			t.Errorf("%s: the title is long or ends like a sentence: %q", f.ID, title)
		}
		for _, text := range append([]string{f.Explanation, f.Verify}, f.Fix...) {
			if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "{instead}") {
				t.Errorf("%s: %q does not end like a sentence", f.ID, text)
			}
		}
	}
}

// Nobody may be told to give up protection. Sentences that forbid it begin
// with "Do not" or "Never".
func TestNoAdviceEndangersTheUser(t *testing.T) {
	bad := regexp.MustCompile(`(?i)(turn|switch)(ing)? off (the|your) firewall|disable (the|your) firewall|accept(s)? (any|all|every) certificate|trust(s)? (any|all|every) certificate|without encryption|in plain text|security none`)
	for _, f := range All() {
		for _, step := range f.Fix {
			for _, sentence := range strings.SplitAfter(step, ". ") {
				forbids := strings.HasPrefix(sentence, "Do not ") || strings.HasPrefix(sentence, "Never ")
				if m := bad.FindString(sentence); m != "" && !forbids {
					t.Errorf("%s advises %q: %q", f.ID, m, sentence)
				}
			}
		}
	}
}

func TestWithFillsArguments(t *testing.T) {
	f := Fault{Title: "{port} of {host} is {service}", Fix: []string{"Look at {host}."}}
	tests := []struct {
		args Args
		want string
	}{
		{nil, "The port of the server is another service"},
		{Args{"port": "port 993", "host": "mail.example.com", "service": "SSH"}, "Port 993 of mail.example.com is SSH"},
		{Args{"host": "{port}"}, "The port of {port} is another service"},
	}
	for _, tt := range tests {
		if got := f.With(tt.args).Title; got != tt.want {
			t.Errorf("With(%v): %q, want %q", tt.args, got, tt.want)
		}
	}
	if f.With(Args{"host": "h"}); f.Fix[0] != "Look at {host}." {
		t.Error("With changed the fault it was called on")
	}
}

func TestParseIsStrict(t *testing.T) {
	const good = `[[fault]]
id = "TL07"
name = "certificate-expired"
severity = "error"
owner = "user"
title = "t"
explanation = "e."
fix = ["f."]
verify = "v."
evidence = "e."
`
	if _, err := parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`id = "TL07"`, `id = "TL7"`},
		{`id = "TL07"`, `id = "XX07"`},
		{`"certificate-expired"`, `"Certificate Expired"`},
		{`severity = "error"`, `severity = "bad"`},
		{`severity = "error"`, ``},
		{`owner = "user"`, `owner = "nobody"`},
		{`owner = "user"`, "owner = \"user\"\nalso = [\"user\"]"},
		{`title = "t"`, ``},
		{`fix = ["f."]`, `fix = []`},
		{`fix = ["f."]`, `fix = ["f.", " "]`},
		{`evidence = "e."`, "evidence = \"e.\"\nsurprise = 1"},
	} {
		if _, err := parse([]byte(strings.Replace(good, change[0], change[1], 1))); err == nil {
			t.Errorf("parse takes %q for %q", change[1], change[0])
		}
	}
	twice := fstest.MapFS{"catalogue/a.toml": {Data: []byte(good + good)}}
	if _, err := parseAll(twice); err == nil {
		t.Error("parseAll takes an id that is there twice")
	}
}

func TestSeverityText(t *testing.T) {
	for s := SeverityOK; s <= SeverityCritical; s++ {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Severity
		if err := json.Unmarshal(data, &back); err != nil || back != s {
			t.Errorf("%s: %v, %v", data, back, err)
		}
	}
	if _, err := Severity(42).MarshalText(); err == nil {
		t.Error("severity 42 has a text")
	}
}

func TestErrorSaysWhatFailedOnWhat(t *testing.T) {
	cause := errors.New("disk full")
	err := fmt.Errorf("session: %w", &Error{
		Fault: "SH04", Op: "deliver", Object: "to alice@example.com", Client: "try later", Operator: "writing the message", Err: cause,
	})
	if got, want := err.Error(), "session: deliver to alice@example.com: writing the message: disk full (SH04)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if Of(err) != "SH04" || !errors.Is(err, cause) {
		t.Errorf("Of = %q, Is = %v", Of(err), errors.Is(err, cause))
	}
	if Of(cause) != "" {
		t.Errorf("Of an error without a fault is %q", Of(cause))
	}
}

func TestLayersAreInOrder(t *testing.T) {
	var seen []string
	for _, f := range All() {
		if l := f.ID.Layer(); len(seen) == 0 || seen[len(seen)-1] != l {
			seen = append(seen, l)
		}
	}
	var want []string
	for _, l := range layers {
		if slices.Contains(seen, l) {
			want = append(want, l)
		}
	}
	if !slices.Equal(seen, want) {
		t.Errorf("layers come as %v, want %v", seen, want)
	}
}
