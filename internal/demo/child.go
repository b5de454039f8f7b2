package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stopLimit is a little more than the mail host gives its sessions to end.
const stopLimit = 15 * time.Second

// command prepares a child process of the same binary. It is told to end when
// the context does, and by the system should the demo be killed.
func (d *demo) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.Program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true, // Ctrl-C is for the demo, which ends its children in order
		Pdeathsig: syscall.SIGTERM,
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopLimit
	return cmd
}

// run runs a child to its end and returns what it printed.
func (d *demo) run(ctx context.Context, args ...string) (string, error) {
	cmd := d.command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("postern %s: %w: %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// addPeople gives the running mail host its domain and accounts. A kept data
// directory may have them already.
func (d *demo) addPeople(ctx context.Context) error {
	add := func(kind, name string, more ...string) error {
		listed, err := d.run(ctx, kind, "list", "--config", d.home.config())
		if err != nil || strings.Contains(listed, name+" ") {
			return err
		}
		_, err = d.run(ctx, append([]string{kind, "add", name, "--config", d.home.config()}, more...)...)
		return err
	}
	err := add("domain", domain)
	for _, account := range []string{alice, bob} {
		if err == nil {
			err = add("account", account, "--password-file", d.home.passwordFile(account))
		}
	}
	return err
}

// server is the mail host, a child process.
type server struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{} // closed when the process is gone
	err   error         // of the process; to be read when ended
}

// serve starts the mail host and waits until it is ready, as the service
// manager of a system would (sd_notify(3)).
func (d *demo) serve(ctx context.Context) (*server, error) {
	socket := "@postern-demo-" + rand.Text()
	ready, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("start the mail host: %w", err)
	}
	defer ready.Close()
	log, err := os.Create(d.home.log())
	if err != nil {
		return nil, fmt.Errorf("start the mail host: %w", err)
	}
	defer log.Close()
	s := &server{
		cmd:   d.command(context.WithoutCancel(ctx), "serve", "--config", d.home.config()),
		log:   d.home.log(),
		ended: make(chan struct{}),
	}
	s.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the mail host: %w", err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	if err := s.await(ctx, ready); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// await returns when the child says that it is ready.
func (s *server) await(ctx context.Context, notices *net.UnixConn) error {
	ready := make(chan struct{})
	go func() {
		notice := make([]byte, 256)
		for {
			n, err := notices.Read(notice)
			if err != nil {
				return
			}
			if bytes.Contains(notice[:n], []byte("READY=1")) {
				close(ready)
				return
			}
		}
	}()
	select {
	case <-ready:
		return nil
	case <-s.ended:
		return s.failure()
	case <-ctx.Done():
		return fmt.Errorf("the mail host was not ready in time: %w", ctx.Err())
	}
}

// failure says why the mail host ended, in its own last words.
func (s *server) failure() error {
	text, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var errs []string
	for _, line := range lines {
		if said, ok := strings.CutPrefix(line, "postern: "); ok || len(errs) > 0 {
			errs = append(errs, said)
		}
	}
	if len(errs) == 0 {
		errs = lines[max(0, len(lines)-3):]
	}
	return fmt.Errorf("the mail host ended (%w): %s", s.exit(), strings.Join(errs, "\n"))
}

func (s *server) exit() error {
	if s.err == nil {
		return errors.New("without an error")
	}
	return s.err
}

// stop ends the mail host and waits for it. One that was told to stop and does
// so cleanly leaves no error.
func (s *server) stop() error {
	select {
	case <-s.ended:
		return nil // reported by who waited for it
	default:
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(stopLimit):
		s.cmd.Process.Kill()
		<-s.ended
		return errors.New("the mail host did not stop in time and was killed")
	}
	if s.err != nil {
		return s.failure()
	}
	return nil
}
