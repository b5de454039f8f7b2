package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	password = "pw-long-enough-to-search"
	quoted   = `pw "with" quotes`
)

func TestSearchFindsEveryForm(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                "LOGIN alice " + password + "\r\n",
		"SASL PLAIN":           base64.StdEncoding.EncodeToString([]byte("\x00alice@demo.test\x00" + password)),
		"SASL PLAIN, offset 1": base64.StdEncoding.EncodeToString([]byte("\x00alice1@demo.test\x00" + password)),
		"SASL PLAIN, offset 2": base64.StdEncoding.EncodeToString([]byte("\x00alice12@demo.test\x00" + password)),
		"AUTH LOGIN":           base64.StdEncoding.EncodeToString([]byte(password)),
		"IMAP LOGIN":           `a LOGIN alice "pw \"with\" quotes"`,
		"IMAP LOGIN in JSON":   `{"said": "a LOGIN alice \"pw \\\"with\\\" quotes\""}`,
	} {
		r, err := search(dirWith(t, map[string]string{"passwords": "pw-something-else\n" + password + "\n" + quoted + "\n", "log": "before\n" + text + "\nafter"}))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.found) != 1 || !strings.HasPrefix(r.found[0], "log holds") {
			t.Errorf("%s: found %q, want one line about log", name, r.found)
		}
	}
}

func TestSearchIsSilentOnCleanFiles(t *testing.T) {
	r, err := search(dirWith(t, map[string]string{"passwords": password + "\n", "log": "LOGIN alice [secret]\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.found) != 0 || r.files != 1 || r.passwords != 1 {
		t.Errorf("got %+v, want one clean file searched for one password", r)
	}
}

func TestSearchRefusesToPassOnNothing(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no ledger": {"log": "text"},
		"no files":  {"passwords": password + "\n"},
	} {
		if r, err := search(dirWith(t, files)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, r)
		}
	}
}

func dirWith(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
