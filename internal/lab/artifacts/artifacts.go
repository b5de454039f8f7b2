// Package artifacts keeps what tests make a program write (logs, evidence,
// transcripts, reports) together with the passwords they used, so that one
// search at the end of a test run can show that no password was written down.
//
// It keeps nothing unless POSTERN_TEST_ARTIFACTS names a directory, and it
// never judges: internal/house/leaks searches.
package artifacts

import (
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Env names the environment variable that holds the directory.
const Env = "POSTERN_TEST_ARTIFACTS"

// Ledger is the file in the directory that lists the passwords, one a line.
// It is the only file there that may hold them.
const Ledger = "passwords"

// Password draws a password for a test and enters it in the ledger. Two calls
// never return the same one.
func Password(t testing.TB) string {
	t.Helper()
	return Enter(t, "pw-"+rand.Text()[:16])
}

// Enter puts a password that the test chose itself in the ledger and returns
// it. A password under 8 bytes would be found by accident and is refused.
func Enter(t testing.TB, password string) string {
	t.Helper()
	if len(password) < 8 || strings.ContainsAny(password, "\r\n") {
		t.Fatalf("password %q can't be searched for: at least 8 bytes on one line", password)
	}
	if dir := os.Getenv(Env); dir != "" {
		appendTo(t, filepath.Join(dir, Ledger), []byte(password+"\n"))
	}
	return password
}

// Writer returns where a test sends a log, transcript or evidence so that it
// is kept under the test's name; without the directory it discards. It is
// safe for concurrent use.
func Writer(t testing.TB, name string) io.Writer {
	t.Helper()
	dir := os.Getenv(Env)
	if dir == "" {
		return io.Discard
	}
	flat := strings.NewReplacer("/", "_", " ", "_", ":", "_").Replace(t.Name() + "." + name)
	return &writer{t: t, path: filepath.Join(dir, flat)}
}

type writer struct {
	t    testing.TB
	path string
	mu   sync.Mutex
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	appendTo(w.t, w.path, p)
	return len(p), nil
}

// appendTo opens the file for each write: packages' tests run as processes of
// their own, and O_APPEND keeps their lines whole.
func appendTo(t testing.TB, path string, p []byte) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Errorf("keep artifact: %v", err)
		return
	}
	if _, err := f.Write(p); err != nil {
		t.Errorf("keep artifact: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("keep artifact: %v", err)
	}
}
