package main

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/internal/lab/artifacts"
	"postern/internal/lab/netns"
)

// labRun starts `postern lab run`, as a process, and returns what it prints
// until it stays. The process gets its interrupt at the end of the test.
func labRun(t *testing.T, id string) (screen string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: []string{"postern", "lab", "run", id}, Stderr: t.Output()}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("interrupted, it ends with %v", err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		screen += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "Ctrl-C ends it") {
			return screen
		}
	}
	t.Fatalf("it ended by itself after: %s", screen)
	return ""
}

// enterPassword enters the password that a line for a second terminal reads.
func enterPassword(t *testing.T, args []string) {
	t.Helper()
	at := slices.Index(args, "--password-file")
	password, err := os.ReadFile(args[at+1])
	if err != nil {
		t.Fatal(err)
	}
	artifacts.Enter(t, strings.TrimSpace(string(password)))
}

var checkLine = regexp.MustCompile(`(?m)^  postern (check .*)$`)

// What the lab prints for the second terminal is what meets the fault.
func TestLabRun(t *testing.T) {
	for id, code := range map[string]int{"TL07": exitFault, "tl07-certificate-expired-healthy": exitOK} {
		screen := labRun(t, id)
		line := checkLine.FindStringSubmatch(screen)
		if line == nil {
			t.Fatalf("no line for a second terminal: %s", screen)
		}
		args := strings.Fields(line[1])
		enterPassword(t, args)
		report, _, got := postern(t, "", args...)
		if got != code || strings.Contains(report, "TL07") != (code == exitFault) {
			t.Errorf("%s: %s\nexit code %d, want %d: %s", id, line[1], got, code, report)
		}
	}
}

// A fault of the network is met from within that network.
func TestLabRunInANetwork(t *testing.T) {
	if err := netns.Unavailable(); err != nil {
		t.Skip(err)
	}
	screen := labRun(t, "RT02")
	line := regexp.MustCompile(`(?m)^  (nsenter --net=/proc/\d+/ns/net) postern check .*$`).FindStringSubmatch(screen)
	if line == nil {
		t.Fatalf("no line for a second terminal: %s", screen)
	}
	links, err := exec.Command("sh", "-c", line[1]+" ip -brief address").CombinedOutput()
	if err != nil || !strings.Contains(string(links), netns.ClientV4.String()) {
		t.Errorf("%s leads to %v: %s", line[1], err, links)
	}
}
