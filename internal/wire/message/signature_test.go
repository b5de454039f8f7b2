package message

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// english returns some megabytes of text that people wrote: the comments of
// Go's standard library.
func english(t testing.TB) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("needs the go command, for the source of the standard library")
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src/*/*.go"))
	if err != nil || len(files) == 0 {
		t.Skipf("no source of the standard library in %s", root)
	}
	comment := regexp.MustCompile(`(?m)^\s*// ?(.*)$`)
	var text strings.Builder
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range comment.FindAllSubmatch(source, -1) {
			text.Write(m[1])
			text.WriteString("\r\n")
		}
	}
	return strings.ToLower(text.String())
}

// someWords returns about n different words of that length.
func someWords(text string, length, n int) []string {
	seen := make(map[string]bool)
	var words []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if len(word) == length && !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	step := max(len(words)/n, 1)
	for i := range len(words) / step {
		words[i] = words[i*step]
	}
	return words[:len(words)/step]
}

// TestSignatureFalsePositives measures the table that is in Signature's
// comment, and holds the sizes and rates to what it says, with some room for
// other releases of the text.
func TestSignatureFalsePositives(t *testing.T) {
	const messages = 20
	all := english(t)
	for _, tt := range []struct {
		size, maxSignature int
		maxRate            float64 // for a word of 6 letters
	}{
		{1 << 10, 400, 0.04}, {10 << 10, 1500, 0.20}, {100 << 10, 5000, 0.50},
	} {
		var bodies []string
		var signatures [][]byte
		mean := 0
		for i := range messages {
			start := i * (len(all) - tt.size) / messages
			bodies = append(bodies, all[start:start+tt.size])
			data := []byte("Subject: report\r\n\r\n" + bodies[i])
			signatures = append(signatures, mustSign(t, data, mustParse(t, data)))
			mean += len(signatures[i]) / messages
		}
		rates := ""
		for _, length := range []int{3, 4, 6, 8, 10, 12} {
			passed, absent := 0, 0
			for _, word := range someWords(all, length, 100) {
				needle := NewNeedle(word)
				for i, body := range bodies {
					may := needle.MayMatch(signatures[i])
					if strings.Contains(body, word) {
						if !may {
							t.Errorf("%q is in a message whose signature denies it", word)
						}
						continue
					}
					absent++
					if may {
						passed++
					}
				}
			}
			rate := float64(passed) / float64(absent)
			rates += fmt.Sprintf("  %d: %.1f%%", length, 100*rate)
			if length == 6 && rate > tt.maxRate {
				t.Errorf("%d KiB: %.1f%% of the messages without a word of 6 letters pass, want at most %.0f%%", tt.size>>10, 100*rate, 100*tt.maxRate)
			}
		}
		t.Logf("%3d KiB: signature %4d bytes, letters and false positives%s", tt.size>>10, mean, rates)
		if mean > tt.maxSignature {
			t.Errorf("%d KiB: signatures of %d bytes, want at most %d", tt.size>>10, mean, tt.maxSignature)
		}
	}
}
