package main

import (
	"bytes"
	"strings"
	"testing"

	"postern/internal/lab/artifacts"
)

// postern runs the command line and returns what came out. It is kept, to be
// searched for passwords.
func postern(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(args, strings.NewReader(stdin), &out, &err)
	artifacts.Writer(t, "stdout").Write(out.Bytes())
	artifacts.Writer(t, "stderr").Write(err.Bytes())
	return out.String(), err.String(), code
}

func TestUsageErrorsAreOneLineAndExit64(t *testing.T) {
	tests := []struct {
		args string
		want string
	}{
		{"prots", `there is no command "prots" (did you mean ports?)`},
		{"ports --bad", "unknown flag: --bad; see postern ports --help"},
		{"ports 1 2", `postern ports does not take "2"`},
		{"ports seven", `"seven" is no port`},
		{"ports 70000", `"70000" is no port`},
		{"ports 80", "80 is no mail port"},
		{"explain", "postern explain needs the id of a fault"},
		{"explain TL99", `no fault "TL99"`},
		{"help prots", `there is no command or topic "prots"`},
		{"help ports 1", `there is no command or topic "ports 1"`},
		{"diagnose", "postern diagnose needs the file of a saved run"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			stdout, stderr, code := postern(t, "", strings.Fields(tt.args)...)
			if code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			if !strings.Contains(stderr, tt.want) {
				t.Errorf("standard error %q does not say %q", stderr, tt.want)
			}
			if n := strings.Count(stderr, "\n"); n != 1 {
				t.Errorf("standard error has %d lines, want one: %q", n, stderr)
			}
			if stdout != "" {
				t.Errorf("standard output %q, want nothing", stdout)
			}
		})
	}
}

func TestHelpTopicNamesEveryExitCode(t *testing.T) {
	stdout, _, code := postern(t, "", "help", "exit-codes")
	if code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	for _, want := range []string{"\n    0 ", "\n    1 ", "\n    2 ", "\n   64 "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the page does not explain%q", want)
		}
	}
}

func TestExplainTakesIDAndName(t *testing.T) {
	byID, _, code := postern(t, "", "explain", "au01")
	byName, _, _ := postern(t, "", "explain", "Wrong-Password")
	if code != exitOK || byID != byName || !strings.HasPrefix(byID, "AU01  wrong-password") {
		t.Errorf("explain au01: code %d, %q; explain Wrong-Password: %q", code, byID, byName)
	}
}

func TestDiagnoseWithoutASavedRunIsUntested(t *testing.T) {
	for _, stdin := range []string{"", "{}", "hello", `{"evidence":99}`} {
		_, stderr, code := postern(t, stdin, "diagnose", "-")
		if code != exitUntested || !strings.Contains(stderr, "read evidence") {
			t.Errorf("diagnose of %q: code %d, %q", stdin, code, stderr)
		}
	}
}
