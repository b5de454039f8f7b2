// Package leakcheck fails a package's tests when they leave something behind:
// a goroutine of ours, an open file or socket, or a temporary file.
//
// It looks once, when all tests have ended, so that a test may hold what it
// needs for as long as it runs. It can't say which test it was: the stack of
// the goroutine, or the name of the file, does.
//
//	func TestMain(m *testing.M) { leakcheck.Main(m) }
package leakcheck

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long what was told to end may take to be gone.
const patience = 5 * time.Second

// Main runs the tests and exits: with their code, or with 1 when they passed
// and left something behind.
func Main(m *testing.M) {
	tmp, err := os.MkdirTemp("", "tests")
	if err != nil {
		fmt.Fprintln(os.Stderr, "leakcheck:", err)
		os.Exit(1)
	}
	os.Setenv("TMPDIR", tmp)
	before := openFiles()
	code := m.Run()
	if code == 0 {
		if left := wait(func() []string { return Left(tmp, before) }); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "leakcheck: the tests left behind:\n%s\n", strings.Join(left, "\n"))
			code = 1
		}
	}
	os.RemoveAll(tmp)
	os.Exit(code)
}

// wait asks until nothing is left or patience is at its end.
func wait(look func() []string) []string {
	for end := time.Now().Add(patience); ; runtime.Gosched() {
		if left := look(); len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}

// Left lists what is there now and should not be: goroutines of this module
// other than the caller's, open files and sockets beyond those before, and
// files in the temporary directory.
func Left(tmp string, before map[string]int) []string {
	left := goroutines()
	for name, count := range openFiles() {
		if count > before[name] {
			left = append(left, fmt.Sprintf("open file, %d times: %s", count-before[name], name))
		}
	}
	names, _ := filepath.Glob(filepath.Join(tmp, "*"))
	return append(left, names...)
}

// goroutines lists the stacks of those that run code of this module, but for
// the one that asks and the one that runs the tests.
func goroutines() []string {
	buf := make([]byte, 4<<20)
	stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	var ours []string
	for _, stack := range stacks[1:] {
		if strings.Contains(stack, "postern/internal/") && !strings.Contains(stack, ".TestMain(") {
			ours = append(ours, stack)
		}
	}
	return ours
}

// openFiles counts what this process has open, by name. Sockets count
// together; what the runtime opens for itself does not count.
func openFiles() map[string]int {
	open := make(map[string]int)
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return open // not Linux
	}
	for _, e := range entries {
		name, err := os.Readlink("/proc/self/fd/" + e.Name())
		switch {
		case err != nil, strings.HasPrefix(name, "anon_inode:"), strings.HasPrefix(name, "/proc/"):
			continue
		case strings.HasPrefix(name, "socket:"):
			name = "sockets"
		case strings.HasPrefix(name, "pipe:"):
			name = "pipes"
		}
		open[name]++
	}
	return open
}
