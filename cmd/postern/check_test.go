package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/internal/lab"
	"postern/internal/lab/artifacts"
)

func TestCheckUsage(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		want string
	}{
		{"check", "give an address, a domain or a host to check"},
		{"check a@example.test b@example.test", `postern check does not take "b@example.test"`},
		{"check mail.example.test:70000", "a port is a number from 1 to 65535"},
		{"check alice@", "it needs a name before and a domain after the @"},
		{"check a@b@example.test", "more than one @"},
		{"check a@example.test:993", "an address has no port"},
		{"check a@example.test --user a\x1b[2J", "has characters that no user name has"},
		{"check example.test --only ftp", "the protocols are imap, pop3 and smtp"},
		{"check example.test --resolver dns.example.test", "is no IP address"},
		{"check example.test --port-offset 65000", "choose an offset"},
		{"check example.test --timeout 0s", "no time to test"},
		{"check example.test --ca " + filepath.Join(dir, "nowhere.pem"), "no such file"},
		{"check a@example.test --password-file " + filepath.Join(dir, "nowhere"), "no such file"},
		{"check a@example.test --password-file " + empty, "is empty"},
		{"check example.test --password-file -", "a password needs a user name"},
		{"check example.test --save " + filepath.Join(dir, "nowhere", "run.json"), "can't save"},
	} {
		stdout, stderr, code := postern(t, "pass\n", strings.Fields(tt.args)...)
		if code != exitUsage || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %d and %q", tt.args, code, stderr, exitUsage, tt.want)
		}
	}
}

// object is what scripts read of a report.
type object struct {
	Schema   int
	Verdict  string
	Findings []struct{ ID, Severity string }
	Probes   []struct{ Port int }
}

func read(t *testing.T, text string) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return o
}

func startScenario(t *testing.T, id string) *lab.Running {
	t.Helper()
	scenario, err := lab.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	running, err := scenario.Start(t.Context(), lab.NewRand(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	artifacts.Enter(t, running.Password)
	return running
}

func TestCheckAndDiagnoseAgree(t *testing.T) {
	for id, want := range map[string]object{
		"TL07":                             {Verdict: "fault"},
		"tl07-certificate-expired-healthy": {Verdict: "healthy"},
	} {
		running := startScenario(t, id)
		saved := filepath.Join(t.TempDir(), "run.json")
		args := append([]string{"check", "--json", "--save", saved}, running.Args()...)
		stdout, stderr, code := postern(t, "", args...)
		got := read(t, stdout)
		wantCode := map[string]int{"fault": exitFault, "healthy": exitOK}[want.Verdict]
		if got.Schema != 1 || got.Verdict != want.Verdict || code != wantCode || stderr != "" {
			t.Errorf("%s: verdict %s, exit code %d, %q", id, got.Verdict, code, stderr)
		}
		if want.Verdict == "fault" && (len(got.Findings) == 0 || got.Findings[0].ID != "TL07" || got.Findings[0].Severity != "error") {
			t.Errorf("%s: findings %v", id, got.Findings)
		}
		file, err := os.ReadFile(saved)
		if err != nil {
			t.Fatal(err)
		}
		artifacts.Writer(t, "saved").Write(file)
		again, _, code := postern(t, "", "diagnose", "--json", saved)
		if again != stdout || code != wantCode {
			t.Errorf("%s: the saved run is judged otherwise, exit code %d", id, code)
		}
		if info, err := os.Stat(saved); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others can read the saved run: %v, %v", id, info.Mode(), err)
		}
	}
}

func TestCheckOnly(t *testing.T) {
	running := startScenario(t, "rt01-service-stopped-healthy")
	args := append([]string{"check", "--json", "--only", "smtp,pop3"}, running.Args()...)
	stdout, _, code := postern(t, "", args...)
	whole, _, _ := postern(t, "", append([]string{"check", "--json"}, running.Args()...)...)
	if some, all := len(read(t, stdout).Probes), len(read(t, whole).Probes); code != exitOK || some == 0 || some >= all {
		t.Errorf("exit code %d, %d of %d ports", code, some, all)
	}
}

func TestCheckThatFindsNobodyToAsk(t *testing.T) {
	stdout, _, code := postern(t, "", "check", "alice@example.test", "--resolver", "127.0.0.1:1", "--json")
	if got := read(t, stdout); code != exitUntested || got.Verdict != "untested" {
		t.Errorf("exit code %d: %s", code, stdout)
	}
}

func TestCheckTakesThePasswordFromStandardInput(t *testing.T) {
	running := startScenario(t, "au01-wrong-password-healthy")
	args := running.Args()
	at := slices.Index(args, running.PasswordFile)
	args[at] = "-"
	_, stderr, code := postern(t, running.Password+"\r\nsecond line\n", append([]string{"check"}, args...)...)
	if counts := running.Counter.Counts(); code != exitOK || counts.Logins != 6 || counts.Failed != 0 {
		t.Errorf("exit code %d, %q, the servers counted %+v", code, stderr, counts)
	}
}

// A report that can't be written is no fault of the mail server: scripts read
// the exit code.
func TestReportThatCanNotBeWrittenIsUntested(t *testing.T) {
	running := startScenario(t, "rt01-service-stopped-healthy")
	var stderr strings.Builder
	code := run(append([]string{"check"}, running.Args()...), strings.NewReader(""), full{}, &stderr)
	if code != exitUntested || !strings.Contains(stderr.String(), "write the report") {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
