package interop

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The marks around the recorded section of docs/clients.md.
const (
	recordedStart = "<!-- recorded by TestWrongFirstStep; `go test ./internal/interop -run WrongFirstStep -update` writes it -->\n"
	recordedEnd   = "<!-- end of what was recorded -->\n"
)

// writeRecorded replaces the recorded section of the page.
func writeRecorded(t *testing.T, page string, recordings map[string]recording) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), recordedStart)
	_, after, ok2 := strings.Cut(rest, recordedEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no recorded section", page)
	}
	var out strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n", s.title, s.meaning)
		for _, try := range s.tries {
			r, ok := recordings[s.title+try.command]
			if !ok {
				t.Fatalf("not recorded, since the program is missing: %s", try.command)
			}
			fmt.Fprintf(&out, "\n`%s`%s\n\n```\n%s\n```\n", displayed(try.command), waited(r.took), r.shown)
		}
		if s.fault != "" {
			fmt.Fprintf(&out, "\n`postern attempts` lists it as %s.\n", s.fault)
		}
	}
	if err := os.WriteFile(page, []byte(before+recordedStart+out.String()+"\n"+recordedEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// displayed returns a command as a user would type it.
func displayed(command string) string {
	return strings.NewReplacer("{user}", "bob@example.test", "{password}", "PASSWORD", "{ca}", "ca.pem", "{", "", "}", "", "%%", "%").Replace(command)
}

// waited says for how long nothing happened, where users notice it: to 5 s, so
// that it does not change from run to run.
func waited(took time.Duration) string {
	if took < 10*time.Second {
		return ""
	}
	return fmt.Sprintf(" (after %d s)", int(took.Seconds())/5*5)
}

// sectionOf returns the text under a heading.
func sectionOf(text, title string) string {
	_, section, _ := strings.Cut(text, "\n## "+title+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}
