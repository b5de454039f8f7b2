package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A reading is what testdata/reference.py tells of a message.
type reading struct {
	Subject   *string     `json:"subject"`
	Addresses []string    `json:"addresses"`
	Root      partReading `json:"root"`
}

type partReading struct {
	Type     string        `json:"type"`
	Filename string        `json:"filename"`
	SHA256   string        `json:"sha256"`
	Size     int           `json:"size"`
	Parts    []partReading `json:"parts"`
}

// TestPythonReadsTheSame compares what is read of the corpus, of what Compose
// writes and of what Python's own email package writes, with what that
// package reads.
func TestPythonReadsTheSame(t *testing.T) {
	// Where the two differ, and why it should be so.
	differ := map[string]string{
		"flaws.eml":    "a header goes on after a line that is no field, as in other mail servers",
		"noparts.eml":  "a multipart without parts is read as the text that it is",
		"unclosed.eml": "Python drops the last line break of a message whose last delimiter is missing",
		"report.eml":   "Python takes the paragraphs of message/delivery-status for parts (as RFC 3464 has it, but not MIME)",
		"latin1.eml":   "8-bit header text without a label is guessed",
		"utf8.eml":     "8-bit header text without a label is guessed",
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs python3 (Debian package python3)")
	}
	made := t.TempDir()
	run(t, python, "testdata/reference.py", "make", made)
	var files []string
	for _, pattern := range []string{"testdata/corpus/*.eml", "testdata/compose/*.eml", made + "/*.eml"} {
		found, _ := filepath.Glob(pattern)
		if len(found) == 0 {
			t.Fatalf("no messages in %s", pattern)
		}
		files = append(files, found...)
	}
	decoder := json.NewDecoder(bytes.NewReader(run(t, python, append([]string{"testdata/reference.py", "read"}, files...)...)))
	for _, file := range files {
		var want reading
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		diff := cmp.Diff(want, read(t, data))
		if reason := differ[filepath.Base(file)]; (reason != "") != (diff != "") {
			t.Errorf("%s: difference expected because %q; -python +postern:\n%s", file, reason, diff)
		}
	}
}

func run(t *testing.T, command string, args ...string) []byte {
	t.Helper()
	out, err := exec.Command(command, args...).Output()
	if err != nil {
		stderr := ""
		if exit, ok := err.(*exec.ExitError); ok {
			stderr = string(exit.Stderr)
		}
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args[:2], " "), err, stderr)
	}
	return out
}

// read tells of a message what reference.py tells.
func read(t *testing.T, data []byte) reading {
	root := mustParse(t, data)
	subject := strings.Join(strings.Fields(DecodeWords(root.Envelope.Subject.Value)), " ")
	got := reading{Subject: &subject, Addresses: []string{}, Root: readPart(t, data, root)}
	for _, list := range [][]Address{root.Envelope.From, root.Envelope.To, root.Envelope.Cc} {
		for _, a := range list {
			if addr := a.Addr(); addr != "" {
				got.Addresses = append(got.Addresses, addr)
			}
		}
	}
	return got
}

func readPart(t *testing.T, data []byte, p *Part) partReading {
	got := partReading{Type: p.Type + "/" + p.Subtype, Filename: p.Filename()}
	switch {
	case p.Message != nil:
		got.Parts = []partReading{readPart(t, data, p.Message)}
	case len(p.Parts) > 0:
		for _, child := range p.Parts {
			got.Parts = append(got.Parts, readPart(t, data, child))
		}
	default:
		content := readAll(t, p.Content(bytes.NewReader(data)))
		sum := sha256.Sum256([]byte(content))
		got.SHA256, got.Size = hex.EncodeToString(sum[:]), len(content)
	}
	return got
}
