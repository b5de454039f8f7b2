// Command leaks searches what a test run wrote for the passwords that its
// tests used: in plain text, in hexadecimal and in base64 at every alignment.
// It exits 1 and names file and form when it finds one, and 2 when there was
// nothing to search, so that a run without artifacts can't pass for a clean
// one.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"postern/internal/lab/artifacts"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: leaks DIR")
		os.Exit(64)
	}
	report, err := search(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "leaks:", err)
		os.Exit(2)
	}
	for _, found := range report.found {
		fmt.Fprintln(os.Stderr, "leaks:", found)
	}
	fmt.Printf("leaks: %d passwords, %d files, %d bytes searched, %d found\n",
		report.passwords, report.files, report.bytes, len(report.found))
	if len(report.found) > 0 {
		os.Exit(1)
	}
}

type report struct {
	passwords, files int
	bytes            int64
	found            []string
}

// search looks for every password of the ledger in every other file of dir.
func search(dir string) (report, error) {
	ledger, err := os.ReadFile(filepath.Join(dir, artifacts.Ledger))
	if err != nil {
		return report{}, fmt.Errorf("no ledger of passwords: %w", err)
	}
	needles := make(map[string]string)
	for password := range strings.Lines(string(ledger)) {
		password = strings.TrimSuffix(password, "\n")
		for form, needle := range forms(password) {
			needles[needle] = form
		}
	}
	r := report{passwords: bytes.Count(ledger, []byte("\n"))}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return report{}, err
	}
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == artifacts.Ledger {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return report{}, err
		}
		r.files++
		r.bytes += int64(len(text))
		for needle, form := range needles {
			if at := bytes.Index(text, []byte(needle)); at >= 0 {
				r.found = append(r.found, fmt.Sprintf("%s holds a test password in %s at byte %d", entry.Name(), form, at))
			}
		}
	}
	if r.files == 0 {
		return report{}, fmt.Errorf("%s holds nothing to search", dir)
	}
	return r, nil
}

// quote escapes what strings of Go, JSON and IMAP escape.
func quote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

// forms returns how a password may have been written, by the form's name. A
// quoted string of IMAP in a string of JSON is quoted twice. Base64 has three alignments; the characters at both ends that depend on the
// neighbours are left out.
func forms(password string) map[string]string {
	out := map[string]string{
		"plain text":  password,
		"hexadecimal": hex.EncodeToString([]byte(password)),
	}
	if once := quote(password); once != password {
		out["quotes"], out["quotes within quotes"] = once, quote(once)
	}
	for shift := range 3 {
		padded := strings.Repeat("\x00", shift) + password
		whole := len(padded) / 3 * 3
		text := base64.StdEncoding.EncodeToString([]byte(padded[:whole]))
		if skip := []int{0, 2, 3}[shift]; len(text) > skip+8 {
			out[fmt.Sprintf("base64, offset %d", shift)] = text[skip:]
		}
	}
	return out
}
