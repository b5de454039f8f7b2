package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"postern/internal/lab/artifacts"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"postern": main})
}

// TestScripts plays command lines and what they must print: see
// testdata/script. The command `ready` waits until a server that was started in
// the background accepts connections, or has reloaded; `hangup` sends it SIGHUP.
func TestScripts(t *testing.T) {
	for _, password := range []string{"correct-horse", "battery-staple"} {
		artifacts.Enter(t, password)
	}
	testscript.RunT(kept{t}, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               listenForReady,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "hangup": hangup},
	})
}

// kept is a test whose whole log is kept, with what every command printed, to be
// searched for passwords.
type kept struct{ *testing.T }

func (k kept) Run(name string, script func(testscript.T)) {
	k.T.Run(name, func(t *testing.T) { script(kept{t}) })
}

func (k kept) Log(args ...any) {
	k.T.Helper()
	fmt.Fprintln(artifacts.Writer(k.T, "script"), args...)
	k.T.Log(args...)
}

// Verbose asks for the log of scripts that pass, too.
func (kept) Verbose() bool { return true }

type notifyKey struct{}

// listenForReady is the service manager's side of sd_notify(3).
func listenForReady(env *testscript.Env) error {
	path := filepath.Join(env.WorkDir, "notify.sock")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	env.Defer(func() { socket.Close() })
	env.Setenv("NOTIFY_SOCKET", path)
	env.Setenv("TZ", "UTC")
	env.Values[notifyKey{}] = socket
	return nil
}

func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: ready")
	}
	socket := ts.Value(notifyKey{}).(*net.UnixConn)
	socket.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		message := make([]byte, 100)
		n, err := socket.Read(message)
		if err != nil {
			for _, log := range ts.BackgroundCmds() {
				ts.Logf("%v: %v", log.Args, log.Stderr)
			}
			ts.Fatalf("the server does not get ready: %v", err)
		}
		if strings.TrimSpace(string(message[:n])) == "READY=1" {
			return
		}
	}
}

func hangup(ts *testscript.TestScript, neg bool, args []string) {
	servers := ts.BackgroundCmds()
	if neg || len(args) != 0 || len(servers) != 1 {
		ts.Fatalf("usage: hangup, with one server in the background")
	}
	ts.Check(servers[0].Process.Signal(syscall.SIGHUP))
}

// TestPasswordsAreNoArguments: no command has a way to put a password where
// other users of the machine can see it.
func TestPasswordsAreNoArguments(t *testing.T) {
	_, stderr, code := postern(t, "", "account", "add", "alice@example.com", "hunter2")
	if code != exitUsage || !strings.Contains(stderr, "does not take") {
		t.Errorf("code %d, %q", code, stderr)
	}
	if _, stderr, code = postern(t, "", "account", "add", "alice@example.com", "--password", "hunter2"); code != exitUsage {
		t.Errorf("code %d, %q", code, stderr)
	}
}
