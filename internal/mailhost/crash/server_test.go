package crash

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/internal/lab/artifacts"
)

// A server is a mail host that runs as a child process and can be killed.
type server struct {
	t      *testing.T
	dir    string
	binary string
	cmd    *exec.Cmd
	ports  map[string]string // by "protocol security role"
	ended  chan struct{}     // closed when its log has ended
}

const (
	relay = "smtp starttls relay"
	imap  = "imap tls access"
	pop   = "pop3 tls access"
)

// newServer makes a data directory with accounts whose password is the same.
func newServer(t *testing.T, password string, accounts ...string) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir()}
	s.binary = filepath.Join(s.dir, "postern")
	build := exec.Command("go", "build", "-o", s.binary, "postern/cmd/postern")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	config := fmt.Sprintf("hostname = \"mail.example.test\"\ndata = %q\n", filepath.Join(s.dir, "data"))
	config += "[guard]\ntrusted = [\"127.0.0.0/8\"]\n"
	for _, kind := range []string{relay, imap, pop} {
		k := strings.Fields(kind)
		config += fmt.Sprintf("[[listen]]\naddresses = [\"127.0.0.1\"]\nport = 0\nprotocol = %q\nsecurity = %q\nrole = %q\n", k[0], k[1], k[2])
	}
	if err := os.WriteFile(s.config(), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.postern("", "domain", "add", "example.test")
	for _, a := range accounts {
		s.postern(password+"\n", "account", "add", a)
	}
	return s
}

func (s *server) config() string { return filepath.Join(s.dir, "postern.toml") }

// postern runs a command while the server does not run.
func (s *server) postern(stdin string, args ...string) {
	s.t.Helper()
	cmd := exec.Command(s.binary, append(args, "--config", s.config())...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("postern %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

var listening = regexp.MustCompile(`msg=listening address=(127\.0\.0\.1:\d+) protocol=(\S+) security=(\S+) role=(\S+)`)

// start runs the server and waits until its ports are open.
func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.binary, "serve", "--config", s.config())
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ports, s.ended = map[string]string{}, make(chan struct{})
	open := make(chan struct{})
	go s.read(stderr, open)
	select {
	case <-open:
	case <-s.ended:
		s.t.Fatal("the server ended before its ports were open")
	case <-time.After(30 * time.Second):
		s.kill()
		s.t.Fatal("the server's ports are not open after 30 s")
	}
}

// read keeps the log and finds in it where the ports are.
func (s *server) read(log io.Reader, open chan<- struct{}) {
	defer close(s.ended)
	keep := artifacts.Writer(s.t, "log")
	lines := bufio.NewScanner(log)
	for n := 0; lines.Scan(); {
		fmt.Fprintln(keep, lines.Text())
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			s.ports[strings.Join(m[2:], " ")] = m[1]
			if n++; n == 3 {
				close(open)
			}
		}
	}
}

// kill ends the server as nobody should, and waits until it is gone.
func (s *server) kill() {
	s.end(syscall.SIGKILL)
}

// stop ends the server as a service manager does.
func (s *server) stop() {
	s.t.Helper()
	if err := s.end(syscall.SIGTERM); err != nil {
		s.t.Errorf("the server ended with %v", err)
	}
}

func (s *server) end(how syscall.Signal) error {
	if err := s.cmd.Process.Signal(how); err != nil {
		return err
	}
	<-s.ended
	return s.cmd.Wait()
}
