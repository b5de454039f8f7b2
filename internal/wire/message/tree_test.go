package message

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// corpus returns the messages of testdata by name.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	messages := make(map[string][]byte)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages[strings.TrimSuffix(filepath.Base(file), ".eml")] = data
	}
	return messages
}

func mustParse(t testing.TB, data []byte) *Part {
	t.Helper()
	root, err := Parse(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return root
}

// TestTrees compares what is read of each message of the corpus with its
// golden file, which a person can check against the message.
func TestTrees(t *testing.T) {
	for name, data := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			got := describeMessage(t, data, mustParse(t, data))
			golden := filepath.Join("testdata/corpus", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("tree differs (-want +got):\n%s", diff)
			}
		})
	}
}

// describeMessage prints a tree with all that a reader can take from it.
func describeMessage(t testing.TB, data []byte, root *Part) string {
	var out strings.Builder
	var print func(p *Part, number, indent string)
	print = func(p *Part, number, indent string) {
		line := func(format string, args ...any) { fmt.Fprintf(&out, indent+format+"\n", args...) }
		line("%s %s/%s header %d to %d, body to %d, %d lines", number, p.Type, p.Subtype, p.HeaderStart, p.BodyStart, p.End, p.Lines)
		indent += "    "
		for _, param := range p.Params {
			line("%s=%q", param.Name, param.Value)
		}
		if p.Disposition != "" || len(p.DispositionParams) > 0 {
			line("disposition %q %q", p.Disposition, p.DispositionParams)
		}
		for _, s := range []struct{ name, value string }{
			{"id", p.ID}, {"description", p.Description}, {"md5", p.MD5}, {"location", p.Location},
			{"language", strings.Join(p.Language, " ")}, {"filename", p.Filename()},
		} {
			if s.value != "" {
				line("%s %q", s.name, s.value)
			}
		}
		if p.Envelope != nil {
			describeEnvelope(line, p.Envelope)
		}
		switch {
		case p.Message != nil:
			print(p.Message, number, indent)
		case len(p.Parts) > 0:
			for i, child := range p.Parts {
				print(child, fmt.Sprintf("%s.%d", number, i+1), indent)
			}
		default:
			line("%s %q", p.Encoding, readAll(t, p.Content(bytes.NewReader(data))))
			if p.Type == "text" {
				line("text %q", readAll(t, p.Text(bytes.NewReader(data))))
			}
		}
	}
	print(root, "0", "")
	return out.String()
}

func describeEnvelope(line func(string, ...any), e *Envelope) {
	for i, name := range []string{"Date", "Subject", "In-Reply-To", "Message-ID"} {
		if text := e.texts()[i]; text.Present {
			line("%s %q = %q", name, text.Value, DecodeWords(text.Value))
		}
	}
	if at, ok := ParseDate(e.Date.Value); ok {
		line("at %s", at.Format("2006-01-02 15:04:05 -0700"))
	}
	for i, name := range []string{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"} {
		for _, a := range *e.lists()[i] {
			line("%s %s", name, describeAddress(a))
		}
	}
}

func describeAddress(a Address) string {
	switch a.Kind {
	case GroupStart:
		return fmt.Sprintf("group %q", a.Name)
	case GroupEnd:
		return "end of group"
	}
	s := fmt.Sprintf("%q", a.Local) + " at " + fmt.Sprintf("%q", a.Domain)
	if a.Name != "" {
		s += fmt.Sprintf(" name %q = %q", a.Name, DecodeWords(a.Name))
	}
	if a.Route != "" {
		s += fmt.Sprintf(" route %q", a.Route)
	}
	return s
}

func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return string(b)
}
