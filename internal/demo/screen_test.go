package demo

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const page = "../../docs/demo.md"

// update, in the environment, has the page written instead of compared.
const update = "POSTERN_UPDATE"

// The page shows the screen as a newcomer sees it, but for what is drawn or
// measured anew in each run.
func TestPageShowsTheScreen(t *testing.T) {
	if !alone(t) {
		return
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shown := screenOf(t)
	before, shownThere, after := fenced(t, string(text))
	if os.Getenv(update) != "" {
		if err := os.WriteFile(page, []byte(before+athome(shown)+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(settled(shown), settled(shownThere)); diff != "" {
		t.Errorf("the page differs from the screen (set %s to write it): %s", update, diff)
	}
}

// screenOf runs a demo until it stays and returns all that it printed.
func screenOf(t *testing.T) string {
	t.Helper()
	cmd, _, screen := staying(t)
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	return string(screen)
}

// fenced finds the code block that begins with the demo's first line.
func fenced(t *testing.T, text string) (before, block, after string) {
	t.Helper()
	const fence = "```\n"
	begin := strings.Index(text, fence+"A mail host for")
	if begin < 0 {
		t.Fatalf("%s has no screen", page)
	}
	begin += len(fence)
	end := begin + strings.Index(text[begin:], fence)
	return text[:begin], text[begin:end], text[end:]
}

// athome puts paths as a newcomer has them in the place of this test's.
func athome(screen string) string {
	screen = regexp.MustCompile(`/[^ \n]*/postern-demo-`).ReplaceAllString(screen, "/tmp/postern-demo-")
	return regexp.MustCompile(`[^ \n]*postern check bob@demo.test \\`).ReplaceAllString(screen, "/home/you/postern/bin/postern check bob@demo.test \\")
}

// settled takes out what differs from run to run.
func settled(screen string) string {
	for _, drawn := range []struct{ pattern, instead string }{
		{`password [a-z0-9-]{14}`, "password ####-####-####"},
		{`/[^ \n]*/postern-demo-\d+`, "/tmp/postern-demo-#"},
		{`  [^ \n]*postern check bob`, "  postern check bob"},
		{`ok (<1|\d+)ms +`, "ok #ms "},
		{` +\d+ ms`, " # ms"},
		{`Tested on .*`, "Tested on # in #"},
		{`: \d+ bytes`, ": # bytes"},
	} {
		screen = regexp.MustCompile(drawn.pattern).ReplaceAllString(screen, drawn.instead)
	}
	return screen
}

// What is no terminal gets no colours, and a terminal of 80 columns holds every
// line but those with a path that is longer by itself.
func TestScreenIsPlainAndNarrow(t *testing.T) {
	if !alone(t) {
		return
	}
	screen := screenOf(t)
	if strings.Contains(screen, "\x1b") {
		t.Error("the screen has escape sequences")
	}
	for _, line := range strings.Split(screen, "\n") {
		if len([]rune(line)) > 80 && !strings.Contains(line, os.TempDir()) {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
}

// The line for the second terminal does, pasted into a shell, what it says.
func TestPastedLine(t *testing.T) {
	if !alone(t) {
		return
	}
	_, _, screen := staying(t)
	_, line, found := bytes.Cut(screen, []byte("second terminal\n"))
	line, _, _ = bytes.Cut(line, []byte("\n\n"))
	if !found {
		t.Fatalf("no line in %s", screen)
	}
	out, err := exec.Command("sh", "-c", string(line)).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "healthy") {
		t.Errorf("%s\n%v: %s", line, err, out)
	}
}
