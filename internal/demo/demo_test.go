package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"postern/internal/lab/artifacts"
	"postern/internal/lab/leakcheck"
	"postern/internal/lab/netns"
	"postern/internal/wire/ports"
)

func TestMain(m *testing.M) {
	netns.Main()
	leakcheck.Main(m)
}

// build makes the program once for all tests.
var build = sync.OnceValues(func() (string, error) {
	file, err := filepath.Abs("../../bin/demo-postern")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", file, "postern/cmd/postern")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

// outcome is what a person sees of a demo that has ended.
type outcome struct {
	code   int
	screen string
	errors string
}

// command prepares a demo whose temporary files are the test's.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, append([]string{"demo"}, args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	return cmd
}

// once runs a demo to its end.
func once(t *testing.T, args ...string) outcome {
	t.Helper()
	cmd := command(t, append(args, "--once")...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	assertGone(t, cmd)
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// assertGone fails when a demo has left files or children behind.
func assertGone(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	for _, e := range cmd.Env {
		if tmp, ok := strings.CutPrefix(e, "TMPDIR="); ok {
			if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 && tmp != os.Getenv("TMPDIR") {
				t.Errorf("left behind: %q", left)
			}
		}
	}
	if left := children(t, cmd.Process.Pid); len(left) > 0 {
		t.Errorf("children %v still run", left)
	}
}

// children lists the processes that a demo started, also when it is gone: each
// was made the leader of a process group, in the demo's session.
func children(t *testing.T, demo int) []int {
	t.Helper()
	programs, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := build()
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, link := range programs {
		var pid int
		fmt.Sscanf(link, "/proc/%d/exe", &pid)
		if target, _ := os.Readlink(link); target == mine && pid != demo && inMyNetwork(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// inMyNetwork tells apart the demos of tests that run at the same time.
func inMyNetwork(pid int) bool {
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	mine, _ := os.Readlink("/proc/self/ns/net")
	return err == nil && theirs == mine
}

// alone gives a test the machine's ports to itself, in a network of its own. It
// returns false in the process in which the test must not go on.
func alone(t *testing.T) bool {
	t.Helper()
	if !netns.Inside() {
		netns.RunTest(t)
		return false
	}
	shell(t, "ip link set lo up")
	return true
}

func shell(t *testing.T, command string) {
	t.Helper()
	words := strings.Fields(command)
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// keep enters what a demo wrote in the search for passwords. Its screen shows
// them on purpose and is not kept.
func keep(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"alice", "bob"} {
		password, err := os.ReadFile(filepath.Join(dir, name+".password"))
		if err != nil {
			t.Fatal(err)
		}
		artifacts.Enter(t, strings.TrimSpace(string(password)))
	}
	for _, name := range []string{"serve.log", "check.json"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		artifacts.Writer(t, name).Write(text)
	}
}

// All of it holds: the first time, and again with the data that was kept.
func TestOnce(t *testing.T) {
	if !alone(t) {
		return
	}
	dir := t.TempDir()
	for _, run := range []string{"fresh", "kept"} {
		got := once(t, "--data", dir)
		if got.code != 0 || got.errors != "" {
			t.Fatalf("%s: exit code %d: %s\n%s", run, got.code, got.errors, got.screen)
		}
		for _, want := range []string{
			"ok    alice sends “Schöne Grüße ☕” with an attachment", "ok    bob fetches it over POP3", "ok    bob reads it over IMAP",
			"ok    both return Return-Path, Received and exactly what was sent", "ok    postern check finds all 9 ports in order",
			"postern check bob@demo.test \\\n    --port-offset 10000 \\\n    --resolver 127.0.0.1:10053",
		} {
			if !strings.Contains(got.screen, want) {
				t.Errorf("%s: the screen lacks %q:\n%s", run, want, got.screen)
			}
		}
		keep(t, dir)
	}
}

// Without a place to keep it, nothing is left.
func TestOnceTemporary(t *testing.T) {
	if !alone(t) {
		return
	}
	if got := once(t, "--port-offset", "20000"); got.code != 0 || !strings.Contains(got.screen, "20993 SSL/TLS") {
		t.Errorf("exit code %d: %s\n%s", got.code, got.errors, got.screen)
	}
}

// staying starts a demo and returns when it has shown everything.
func staying(t *testing.T) (cmd *exec.Cmd, errs *bytes.Buffer, screen []byte) {
	t.Helper()
	cmd = command(t)
	errs = new(bytes.Buffer)
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	part := make([]byte, 4096)
	for !bytes.Contains(screen, []byte("Ctrl-C ends it.")) {
		n, err := out.Read(part)
		if err != nil {
			t.Fatalf("the demo ended: %s\n%s", errs, screen)
		}
		screen = append(screen, part[:n]...)
	}
	return cmd, errs, screen
}

// Ctrl-C ends the demo, its children and its temporary data, without complaint.
func TestInterrupt(t *testing.T) {
	if !alone(t) {
		return
	}
	cmd, errs, _ := staying(t)
	if running := children(t, cmd.Process.Pid); len(running) != 1 {
		t.Errorf("children %v, want the mail host alone", running)
	}
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil || errs.Len() > 0 {
		t.Errorf("ended with %v, %s", err, errs)
	}
	assertGone(t, cmd)
}

// A mail host that ends by itself ends the demo, with 1.
func TestMailHostDies(t *testing.T) {
	if !alone(t) {
		return
	}
	cmd, errs, _ := staying(t)
	for _, pid := range children(t, cmd.Process.Pid) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "the mail host ended") {
		t.Errorf("exit code %d, %s", code, errs)
	}
	assertGone(t, cmd)
}

// Stopped before it has shown everything, --once must not say that all held.
func TestStoppedEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	for _, once := range []bool{true, false} {
		err := Run(ctx, Options{Program: program, Dir: t.TempDir(), Offset: freeOffset(t), Once: once, Out: &bytes.Buffer{}})
		if (err != nil) != once {
			t.Errorf("once %v: stopped with %v", once, err)
		}
	}
}

// freeOffset finds ports beside which nobody listens.
func freeOffset(t *testing.T) ports.Offset {
	t.Helper()
	for offset := ports.Offset(20000); offset < 60000; offset += 3000 {
		if l, err := net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(53+int(offset))).String()); err == nil {
			l.Close()
			return offset
		}
	}
	t.Fatal("no free ports")
	return 0
}

// Even a demo that is killed leaves no mail host behind.
func TestKilled(t *testing.T) {
	if !alone(t) {
		return
	}
	cmd, _, _ := staying(t)
	var hosts []unix.PollFd
	for _, pid := range children(t, cmd.Process.Pid) {
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		hosts = append(hosts, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}) // readable when it ends
	}
	cmd.Process.Kill()
	const patience = 20_000 // milliseconds
	if n, err := unix.Poll(hosts, patience); err != nil || n != 1 {
		t.Errorf("of %d mail hosts, %d ended: %v", len(hosts), n, err)
	}
}
