package leakcheck

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// TestLeftSeesEverything leaves one thing of each kind behind, and takes it
// away again.
func TestLeftSeesEverything(t *testing.T) {
	tmp := t.TempDir()
	before := openFiles()
	if left := Left(tmp, before); len(left) != 0 {
		t.Fatalf("before anything: %q", left)
	}

	release, ended := make(chan struct{}), make(chan struct{})
	go sleepy(release, ended)
	mustSee(t, tmp, before, "leakcheck.sleepy")
	close(release)
	<-ended

	f, err := os.Create(filepath.Join(tmp, "forgotten"))
	if err != nil {
		t.Fatal(err)
	}
	mustSee(t, tmp, before, "open file, 1 times: "+f.Name())
	f.Close()
	os.Remove(f.Name())

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mustSee(t, tmp, before, "open file, 1 times: sockets")
	l.Close()

	if left := wait(func() []string { return Left(tmp, before) }); len(left) != 0 {
		t.Errorf("after all: %q", left)
	}
}

func sleepy(release, ended chan struct{}) {
	<-release
	close(ended)
}

func mustSee(t *testing.T, tmp string, before map[string]int, want string) {
	t.Helper()
	if left := strings.Join(Left(tmp, before), "\n"); !strings.Contains(left, want) {
		t.Errorf("want %q among %q", want, left)
	}
}
