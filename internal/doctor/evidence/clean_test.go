package evidence

import (
	"reflect"
	"strings"
	"testing"
)

// hostile holds what a terminal obeys: escape sequences, C1 controls, backspace
// and marks that turn the direction of text.
const hostile = "\x1b[2J\x1b]0;title\x07\x9b1m\u009b\u202e\u2028\x08\r\xff"

// fillHostile puts hostile text into every string that a value can hold.
func fillHostile(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillHostile(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillHostile(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillHostile(v.Field(i))
			}
		}
	}
}

// countTexts counts the texts of a value, and calls check for each.
func countTexts(v reflect.Value, check func(string)) (n int) {
	switch v.Kind() {
	case reflect.String:
		check(v.String())
		return 1
	case reflect.Pointer:
		return countTexts(v.Elem(), check)
	case reflect.Slice:
		for i := range v.Len() {
			n += countTexts(v.Index(i), check)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanInterface() {
				n += countTexts(v.Field(i), check)
			}
		}
	}
	return n
}

// Certificates, banners, names in the DNS and saved files of strangers reach the
// terminal through a run.
func TestCleanLeavesNoTextThatATerminalObeys(t *testing.T) {
	var run Run
	fillHostile(reflect.ValueOf(&run).Elem())
	run.Clean()
	n := countTexts(reflect.ValueOf(run), func(s string) {
		if want := `\x1b[2J\x1b]0;title\x07\x9b1m\u009b\u202e\u2028\x08\x0d\xff`; s != want {
			t.Errorf("%q, want %q", s, want)
		}
	})
	if n < 100 {
		t.Errorf("only %d texts were looked at", n)
	}
}

func TestCleanKeepsTheLinesOfAReply(t *testing.T) {
	run := Run{Endpoints: []Endpoint{{Plain: &Capabilities{Reply: Reply{Text: "one\r\ntwo\n\x1bthree"}}}}}
	run.Clean()
	if got, want := run.Endpoints[0].Plain.Reply.Text, "one\\x0d\ntwo\n\\x1bthree"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLoadedRunsAreClean(t *testing.T) {
	run, err := Load(strings.NewReader(`{"evidence":1,"started":"2026-11-21T12:00:00Z","target":{"input":"\u001b[2J"},"endpoints":[{"host":"a\u009b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if run.Target.Input != `\x1b[2J` || run.Endpoints[0].Host != `a\u009b` {
		t.Errorf("target %q, host %q", run.Target.Input, run.Endpoints[0].Host)
	}
}

// A judgement compares ports with one another: with tens of thousands of them
// it would not end.
func TestLoadRefusesMoreThanAnyRunLooksAt(t *testing.T) {
	file := func(n int) string {
		return `{"evidence":1,"started":"2026-11-21T12:00:00Z","endpoints":[{}` + strings.Repeat(",{}", n-1) + `]}`
	}
	if _, err := Load(strings.NewReader(file(maxEntries))); err != nil {
		t.Error(err)
	}
	if _, err := Load(strings.NewReader(file(maxEntries + 1))); err == nil {
		t.Error("a file with too many ports was read")
	}
}
