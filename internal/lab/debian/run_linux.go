package debian

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"postern/internal/pki"
)

//go:embed config
var configurations embed.FS

// place is where the daemons' directories are made. Unlike the directory for
// temporary files, it is open to the daemons' users, and short enough for the
// paths of sockets.
const place = "/run"

// Machine is Dovecot and Postfix, running.
type Machine struct {
	dir     string
	daemons []*daemon
}

// Unavailable returns why the daemons can't be run here, or nil.
func Unavailable() error {
	if os.Geteuid() != 0 {
		return errors.New("dovecot and postfix need root, to change to users of their own")
	}
	for _, need := range []struct{ file, from string }{
		{"/usr/lib/dovecot/imap-login", "dovecot-imapd"},
		{"/usr/lib/dovecot/pop3-login", "dovecot-pop3d"},
		{"/usr/lib/postfix/sbin/master", "postfix"},
	} {
		if _, err := os.Stat(need.file); err != nil {
			return fmt.Errorf("%s is missing; install the Debian package %s", need.file, need.from)
		}
	}
	return nil
}

// Start runs both daemons and returns when they listen.
func Start(ctx context.Context, o Options) (_ *Machine, err error) {
	if err := Unavailable(); err != nil {
		return nil, err
	}
	m := &Machine{}
	defer func() {
		if err != nil {
			m.Close()
			err = fmt.Errorf("start Debian's mail servers: %w", err)
		}
	}()
	if m.dir, err = os.MkdirTemp(place, "postern-lab-"); err != nil {
		return nil, err
	}
	if err := m.install(o); err != nil {
		return nil, err
	}
	for _, program := range []struct {
		ready string // in the log line that says that it listens
		words []string
	}{
		{"starting up for", []string{"dovecot", "-F", "-c", m.path("etc/dovecot.conf")}},
		{"daemon started", []string{"postfix", "-c", m.path("etc"), "start-fg"}},
	} {
		d, err := startDaemon(ctx, program.ready, program.words)
		if err != nil {
			return nil, err
		}
		m.daemons = append(m.daemons, d)
	}
	return m, nil
}

// Close ends the daemons and removes what they had.
func (m *Machine) Close() {
	for _, d := range m.daemons {
		d.stop()
	}
	if m.dir != "" {
		os.RemoveAll(m.dir)
	}
}

// Log returns what the daemons have said so far.
func (m *Machine) Log() string {
	var b strings.Builder
	for _, d := range m.daemons {
		b.WriteString(d.said())
	}
	return b.String()
}

func (m *Machine) path(name string) string { return filepath.Join(m.dir, name) }

// install writes what the daemons read, and makes the directories that they
// write to.
func (m *Machine) install(o Options) error {
	err := errors.Join(
		os.Chmod(m.dir, 0o755),
		pki.Save(m.path("cert.pem"), m.path("key.pem"), o.Certificate),
		os.WriteFile(m.path("users"), []byte(o.User+":{PLAIN}"+o.Password+"\n"), 0o644),
	)
	for _, dir := range []struct{ name, owner string }{
		{"etc", "root"}, {"run", "root"}, {"state", "root"}, {"queue", "root"}, {"mail", "nobody"}, {"data", "postfix"},
	} {
		err = errors.Join(err, os.Mkdir(m.path(dir.name), 0o755), own(m.path(dir.name), dir.owner))
	}
	for file, changes := range map[string]string{"dovecot.conf": o.Dovecot, "main.cf": o.Postfix, "master.cf": ""} {
		text, readErr := configurations.ReadFile("config/" + file)
		filled := strings.NewReplacer("{dir}", m.dir, "{address}", o.Address.String(),
			"{host}", o.Host, "{domain}", o.Domain, "{changes}", changes).Replace(string(text))
		err = errors.Join(err, readErr, os.WriteFile(m.path("etc/"+file), []byte(filled), 0o644))
	}
	return err
}

func own(dir, name string) error {
	owner, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, -1)
}

// daemon is one of them, process 1 of a namespace of its own.
type daemon struct {
	cmd  *exec.Cmd
	over chan struct{} // closed when every process of it is gone

	mu  sync.Mutex
	log strings.Builder
}

// startDaemon returns when the log has a line with ready in it.
func startDaemon(ctx context.Context, ready string, words []string) (*daemon, error) {
	d := &daemon{cmd: exec.Command(words[0], words[1:]...), over: make(chan struct{})}
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	d.cmd.Stdout, d.cmd.Stderr = in, in
	err = d.cmd.Start()
	in.Close()
	if err != nil {
		out.Close()
		return nil, err
	}
	started := make(chan struct{})
	go d.listen(out, ready, started)
	select {
	case <-started:
		return d, nil
	case <-d.over:
		err = fmt.Errorf("%s ended at once: %s", words[0], d.said())
	case <-ctx.Done():
		err = fmt.Errorf("%s did not start in time: %w", words[0], ctx.Err())
	}
	d.stop()
	return nil, err
}

// listen keeps the log until the last process of the daemon has closed it.
func (d *daemon) listen(out io.ReadCloser, ready string, started chan<- struct{}) {
	defer close(d.over)
	defer out.Close()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		d.mu.Lock()
		d.log.WriteString(lines.Text() + "\n")
		d.mu.Unlock()
		if started != nil && strings.Contains(lines.Text(), ready) {
			close(started)
			started = nil
		}
	}
}

func (d *daemon) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

// stop kills the daemon and so its namespace: nothing it has is kept.
func (d *daemon) stop() {
	d.cmd.Process.Kill()
	<-d.over
	d.cmd.Wait()
}
