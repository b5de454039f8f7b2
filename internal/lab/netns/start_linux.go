package netns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stopLimit is how long a child may take to end after it was told to.
const stopLimit = 10 * time.Second

// Unavailable returns why networks can't be made on this machine, or nil.
func Unavailable() error {
	if os.Geteuid() != 0 {
		return errors.New("network namespaces need root")
	}
	for _, program := range []struct{ name, from string }{{"ip", "iproute2"}, {"nft", "nftables"}} {
		if _, err := exec.LookPath(program.name); err != nil {
			return fmt.Errorf("the program %s is missing; install the package %s", program.name, program.from)
		}
	}
	return nil
}

// RunTest runs the calling test again in a child process that is the client of a
// network, and fails or skips it as the child does. It skips with a reason where
// networks can't be made. A test that needs one begins with
//
//	if !netns.Inside() {
//		netns.RunTest(t)
//		return
//	}
//
// and the package's TestMain calls [Main].
func RunTest(t T) {
	t.Helper()
	if err := Unavailable(); err != nil {
		t.Skipf("%v", err)
		return
	}
	var out bytes.Buffer
	cmd := clientCommand(context.Background(), &out,
		"-test.run="+testPattern(t.Name()), "-test.v", "-test.count=1", "-test.timeout=5m")
	err := cmd.Run()
	t.Logf("in a network of its own:\n%s", out.String())
	switch {
	case err != nil:
		t.Fatalf("failed in a network of its own: %v", err)
	case strings.Contains(out.String(), "--- SKIP: "+t.Name()):
		t.Skipf("skipped in a network of its own")
	case !strings.Contains(out.String(), "--- PASS: "+t.Name()):
		t.Fatalf("did not run in a network of its own")
	}
}

// Exec runs this program again, with the given arguments and the same standard
// streams, as the client of a network, and returns its exit code.
func Exec(ctx context.Context, args ...string) (int, error) {
	if err := Unavailable(); err != nil {
		return 0, err
	}
	cmd := clientCommand(ctx, os.Stdout, args...)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	err := cmd.Run()
	if state := cmd.ProcessState; state != nil && state.Exited() {
		return state.ExitCode(), nil // also after the end that the context asked for
	}
	return 0, err
}

// clientCommand starts this program again in new network and mount namespaces.
func clientCommand(ctx context.Context, out io.Writer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), environment+"="+asClient)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopLimit
	return cmd
}
