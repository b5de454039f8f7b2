package imap

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/internal/wire/message"
)

// TestStructures prints the messages of testdata/structures and compares with
// the golden files beside them. The messages' lines end in CRLF when read.
func TestStructures(t *testing.T) {
	files, _ := filepath.Glob("testdata/structures/*.eml")
	if len(files) == 0 {
		t.Fatal("no messages")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			root, err := message.Parse(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			got = append(AppendEnvelope(append(got, "ENVELOPE "...), root.Envelope), '\n')
			got = append(AppendStructure(append(got, "BODY "...), root, false), '\n')
			got = append(AppendStructure(append(got, "BODYSTRUCTURE "...), root, true), '\n')
			for line := range bytes.Lines(got) {
				checkAnswer(t, string(line))
			}
			golden := strings.TrimSuffix(file, ".eml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// checkAnswer finds what no client could read.
func checkAnswer(t *testing.T, line string) {
	t.Helper()
	if i := strings.IndexFunc(line, func(r rune) bool { return r > '~' }); i >= 0 {
		t.Errorf("octet above 127 at %d of %q", i, line)
	}
	r := ParseResponse([]byte("* 1 FETCH (" + strings.TrimSuffix(line, "\n") + ")\r\n"))
	if len(r.Data) != 1 || len(r.Data[0].List) != 2 || r.Data[0].List[1].Kind != ListValue {
		t.Errorf("%q reads as %s", line, showValues(r.Data))
	}
}

func TestStrings(t *testing.T) {
	for text, want := range map[string]string{
		"":                        `""`,
		`a "b" \c`:                `"a \"b\" \\c"`,
		"two\r\nlines":            "{10}\r\ntwo\r\nlines",
		"Grüße":                   "{7}\r\nGrüße",
		strings.Repeat("x", 1001): "{1001}\r\n" + strings.Repeat("x", 1001),
		"\x7f":                    "{1}\r\n\x7f",
	} {
		if got := string(AppendString(nil, text)); got != want {
			t.Errorf("%q is printed as %q, want %q", text, got, want)
		}
	}
}

// What stands in a header is printed without octets above 127 and line ends,
// whatever it is.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "Grüße", "\xff", "a\r\nb\x00", `"\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := string(appendText(nil, s))
		if strings.ContainsFunc(got, func(r rune) bool { return r > 0x7f || r == 0 }) {
			t.Fatalf("%q is printed as %q", s, got)
		}
		if r := ParseResponse([]byte("* X " + got + "\r\n")); len(r.Data) != 1 || r.Data[0].Kind != StringValue {
			t.Fatalf("%q is printed as %q, which reads as %s", s, got, showValues(r.Data))
		}
	})
}
