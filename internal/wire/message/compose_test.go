package message

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func compose(t testing.TB, c *Content) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Compose(&out, c, zeros{}); err != nil {
		t.Fatalf("Compose: %v", err)
	}
	return out.Bytes()
}

// TestCompose pins what is written, byte for byte.
func TestCompose(t *testing.T) {
	alice := Address{Name: "Alice Ärcher", Local: "alice", Domain: "example.com"}
	tests := map[string]*Content{
		"plain": {
			Fields: []Field{AddressField("From", alice), TextField("Subject", "Hello"), {"Date", "Sat, 21 Nov 2026 10:00:00 +0100"}},
			Text:   "Hello,\nthis is plain.\n",
		},
		"attachment": {
			Fields: []Field{
				AddressField("From", alice),
				AddressField("To", Address{Local: "bob", Domain: "example.net"}, Address{Name: "Carol, the third of her name", Local: "carol", Domain: "example.org"}),
				TextField("Subject", "Schöne Grüße aus Köln, und noch viel mehr Wörter, als in eine Zeile passen"),
			},
			Type: "multipart/mixed",
			Parts: []*Content{
				{Text: "Sehr geehrte Damen und Herren, dies ist ein Text in einer einzigen langen Zeile mit Umlauten: äöü.\r\nEnde "},
				{Text: "Привет, мир!\nКак дела?"},
				{Type: "application/octet-stream", Filename: "Übersicht der vergangenen und der kommenden Woche.bin", Data: strings.NewReader(strings.Repeat("data", 30))},
			},
		},
		"report": {
			Fields: []Field{TextField("Subject", "=?not?= an encoded word")},
			Type:   "multipart/report", Params: []Param{{"report-type", "delivery-status"}},
			Parts: []*Content{
				{Text: "It failed.\n"},
				{Type: "message/delivery-status", Data: strings.NewReader("Reporting-MTA: dns; mail.example.com\r\n\r\nAction: failed\r\n")},
				{Type: "message/rfc822", Disposition: "inline", Data: strings.NewReader("Subject: lost\r\n\r\nText\r\n")},
			},
		},
	}
	for name, content := range tests {
		got := string(compose(t, content))
		golden := filepath.Join("testdata/compose", name+".eml")
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
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
	}
}

// What is composed is read back as what it was, in lines that any server
// takes.
func TestComposeRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`([a-zA-Z0-9 .,;:=?!"()<>@\\_%'*äöüß日本語🎈\t-]|\n){0,300}`)
	line := rapid.StringMatching(`[a-zA-Z0-9.,;:=?!"()<>@\\_%'*äöüß日本語🎈-]([a-zA-Z0-9 .,=?äöü日🎈-]{0,200}[a-z])?`)
	rapid.Check(t, func(t *rapid.T) {
		subject, name, body, data := line.Draw(t, "subject"), line.Draw(t, "name"), text.Draw(t, "body"), rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		var out bytes.Buffer
		err := Compose(&out, &Content{
			Fields: []Field{TextField("Subject", subject), AddressField("From", Address{Name: name, Local: name, Domain: "example.com"})},
			Type:   "multipart/mixed",
			Parts:  []*Content{{Text: body}, {Type: "application/x", Filename: name, Data: bytes.NewReader(data)}},
		}, zeros{})
		if strings.ContainsFunc(name, func(r rune) bool { return r > 127 }) {
			// A local part that is not ASCII has no form in a header.
			if err == nil {
				t.Fatalf("composed with local part %q", name)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(out.String(), "\r\n") {
			if len(line) > maxLine || strings.ContainsAny(line, "\r\n") || !isPrintableASCII(strings.ReplaceAll(line, "\t", "")) {
				t.Fatalf("line %q", line)
			}
		}
		r := bytes.NewReader(out.Bytes())
		root, err := Parse(r, r.Size())
		if err != nil || len(root.Parts) != 2 {
			t.Fatalf("%d parts, %v:\n%s", len(root.Parts), err, out.String())
		}
		if got := DecodeWords(root.Envelope.Subject.Value); got != subject {
			t.Fatalf("subject %q is read as %q", subject, got)
		}
		if got := root.Envelope.From; len(got) != 1 || DecodeWords(got[0].Name) != name || got[0].Local != name {
			t.Fatalf("name %q is read as %+v", name, got)
		}
		if got := root.Parts[1].Filename(); got != name {
			t.Fatalf("file name %q is read as %q", name, got)
		}
		var content, words bytes.Buffer
		content.ReadFrom(root.Parts[1].Content(r))
		words.ReadFrom(root.Parts[0].Text(r))
		if !bytes.Equal(content.Bytes(), data) || words.String() != withCRLF(body) {
			t.Fatalf("content comes back changed: %q is read as %q", withCRLF(body), words.String())
		}
	})
}

func TestComposeRefuses(t *testing.T) {
	tests := []struct {
		field Field
		want  string
	}{
		{Field{"Sub ject", "x"}, "is no name"},
		{Field{"Subject:", "x"}, "is no name"},
		{Field{"Subject", "Grüße"}, "need encoded words"},
		{Field{"Message-ID", strings.Repeat("x", 2000)}, "without a space"},
	}
	for _, tt := range tests {
		err := Compose(&bytes.Buffer{}, &Content{Fields: []Field{tt.field}}, zeros{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("field %.20q: error %v, want one with %q", tt.field, err, tt.want)
		}
	}
}

// A value can't bring a field of its own into the header.
func TestComposeKeepsFieldsApart(t *testing.T) {
	data := compose(t, &Content{Fields: []Field{
		TextField("Subject", "x\r\nBcc: a@example.com"),
		{"Comments", "y\r\nBcc: b@example.com"},
		AddressField("To", Address{Name: "z\r\nBcc: c@example.com", Local: "d\nBcc: e", Domain: "example.com"}),
	}})
	if root := mustParse(t, data); root.Envelope.Bcc != nil || bytes.Contains(data, []byte("\nBcc")) {
		t.Errorf("a field got in:\n%s", data)
	}
}

// zeros is an endless source of zeros.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
