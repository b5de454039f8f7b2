package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/internal/lab/artifacts"
	"postern/internal/lab/leakcheck"
	"postern/internal/pki"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

// build makes the program once for all tests.
var build = sync.OnceValues(func() (string, error) {
	file, err := filepath.Abs("../../bin/interop-postern")
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

// A host is a server that runs as a child process, with every kind of port on
// 127.0.0.1, the domain example.test, and a certificate from an authority of
// its own.
type host struct {
	t      testing.TB
	dir    string // of its files; dir/ca.pem is the authority
	binary string
	ports  map[service]string
	cmd    *exec.Cmd
	log    chan string // closed at the end of the log
}

// A service is a kind of port: "imap starttls access".
type service string

// The services of a host.
const (
	imapTLS        service = "imap tls access"
	imapSTARTTLS   service = "imap starttls access"
	popTLS         service = "pop3 tls access"
	popSTARTTLS    service = "pop3 starttls access"
	submitTLS      service = "smtp tls submission"
	submitSTARTTLS service = "smtp starttls submission"
	smtpRelay      service = "smtp starttls relay"
)

var services = []service{imapTLS, imapSTARTTLS, popTLS, popSTARTTLS, submitTLS, submitSTARTTLS, smtpRelay}

// serve starts a host. It ends with the test.
func serve(t testing.TB) *host { return serveAs(t, "localhost") }

// serveAs starts a host whose certificate is for that name only.
func serveAs(t testing.TB, name string) *host {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, dir: t.TempDir(), binary: binary, ports: make(map[service]string), log: make(chan string, 100)}
	h.certify(name)
	config := fmt.Sprintf("hostname = %q\ndata = %q\n", "mail.example.test", h.file("data"))
	config += fmt.Sprintf("[[certificate]]\nfile = %q\nkey = %q\n", h.file("cert.pem"), h.file("cert.key"))
	config += "[guard]\ntrusted = [\"127.0.0.0/8\"]\n"
	for _, s := range services {
		kind := strings.Fields(string(s))
		config += fmt.Sprintf("[[listen]]\naddresses = [\"127.0.0.1\"]\nport = 0\nprotocol = %q\nsecurity = %q\nrole = %q\n", kind[0], kind[1], kind[2])
	}
	h.write("postern.toml", config)
	h.start()
	h.postern("", "domain", "add", "example.test")
	return h
}

func (h *host) file(name string) string { return filepath.Join(h.dir, name) }

// write makes a file for a program's configuration. Some refuse one that others
// can read.
func (h *host) write(name, content string) string {
	h.t.Helper()
	if err := os.WriteFile(h.file(name), []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return h.file(name)
}

// certify makes the authority and the certificate.
func (h *host) certify(name string) {
	h.t.Helper()
	now := time.Now()
	ca, err := pki.NewCA("Interop Test CA", now.Add(-time.Hour), now.AddDate(1, 0, 0))
	if err != nil {
		h.t.Fatal(err)
	}
	cert, err := ca.Issue(pki.Leaf{Names: []string{name}})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := pki.Save(h.file("cert.pem"), h.file("cert.key"), cert); err != nil {
		h.t.Fatal(err)
	}
	h.write("ca.pem", string(ca.PEM()))
}

var listening = regexp.MustCompile(`msg=listening address=127\.0\.0\.1:(\d+) protocol=(\S+) security=(\S+) role=(\S+)`)

// start runs the server until the test ends, and waits until all ports are
// open.
func (h *host) start() {
	h.t.Helper()
	h.cmd = exec.Command(h.binary, "serve", "--config", h.file("postern.toml"))
	stderr, err := h.cmd.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(h.stop)
	go h.readLog(stderr)
	for len(h.ports) < len(services) {
		select {
		case line, ok := <-h.log:
			if !ok {
				h.t.Fatal("the server ended before its ports were open")
			}
			if m := listening.FindStringSubmatch(line); m != nil {
				h.ports[service(strings.Join(m[2:], " "))] = m[1]
			}
		case <-time.After(30 * time.Second):
			h.t.Fatal("the server's ports are not open after 30 s")
		}
	}
}

func (h *host) readLog(from io.Reader) {
	defer close(h.log)
	keep := io.MultiWriter(artifacts.Writer(h.t, "log"), writerFunc(func(line []byte) { h.t.Logf("postern: %s", line) }))
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		fmt.Fprintln(keep, lines.Text())
		select {
		case h.log <- lines.Text():
		default: // only the first lines are waited for
		}
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

// stop ends the server as a service manager does, and checks that it ended
// well.
func (h *host) stop() {
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Errorf("stop the server: %v", err)
	}
	for range h.log {
	}
	if err := h.cmd.Wait(); err != nil {
		h.t.Errorf("the server ended with %v", err)
	}
}

// postern runs one of the program's other commands on this server.
func (h *host) postern(stdin string, args ...string) string {
	h.t.Helper()
	out := h.run(stdin, h.binary, append(args, "--config", h.file("postern.toml"))...)
	fmt.Fprintf(artifacts.Writer(h.t, "commands"), "%s\n%s", out.command, out.all)
	return out.must()
}

// An account is a user of the host.
type account struct{ address, password string }

// account adds an account.
func (h *host) account(name string) account {
	h.t.Helper()
	a := account{name + "@example.test", artifacts.Password(h.t)}
	h.postern(a.password+"\n", "account", "add", a.address)
	return a
}

// A result is what a program printed and how it ended.
type result struct {
	t           testing.TB
	command     string
	stdout, all string // all has stderr in it, too
	err         error
}

// must returns what the program printed, and ends the test unless it exited
// with 0.
func (r result) must() string {
	r.t.Helper()
	if r.err != nil {
		r.t.Fatalf("%s: %v\n%s", r.command, r.err, r.all)
	}
	return r.stdout
}

// timeout is how long any program may take.
const timeout = 2 * time.Minute

// run runs a program with an environment of its own: nothing of the user who
// runs the test, and its home in the host's directory.
func (h *host) run(stdin, program string, args ...string) result {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = h.dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin", "HOME=" + h.dir, "LC_ALL=C.UTF-8", "TERM=vt100", "TMPDIR=" + h.dir}
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, all output
	cmd.Stdout = io.MultiWriter(&stdout, &all)
	cmd.Stderr = &all
	// A child that outlives the program must not hold the test up.
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errors.Join(err, fmt.Errorf("not done after %v", timeout))
	}
	return result{h.t, filepath.Base(program) + " " + strings.Join(args, " "), stdout.String(), all.String(), err}
}

// An output keeps what a program prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// need returns the path of a program, and skips the test where there is none.
func need(t testing.TB, program, debianPackage string) string {
	t.Helper()
	if !installed(program) {
		t.Skipf("needs %s (Debian package %s)", program, debianPackage)
	}
	return find(program)
}

func installed(program string) bool { return find(program) != "" }

// find returns the path of a program in Debian's own directories, "" where
// there is none.
func find(program string) string {
	for _, dir := range []string{"/usr/bin", "/usr/sbin", "/bin"} {
		if path := filepath.Join(dir, program); isProgram(path) {
			return path
		}
	}
	return ""
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0 && !info.IsDir()
}
