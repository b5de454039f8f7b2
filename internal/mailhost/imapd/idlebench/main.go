// Idlebench measures what an idle IMAP session costs: it starts a mail host
// with nothing but IMAP over TLS in a process of its own, lets many clients log
// in, select INBOX and say IDLE, and compares the server's resident memory
// before and after, each time after two collections with all that is free given
// back to the system. It fails when a session costs more than the limit.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/internal/wire/imap"
)

var (
	sessions = flag.Int("sessions", 2000, "how many sessions wait in IDLE")
	accounts = flag.Int("accounts", 100, "over how many accounts they are spread")
	messages = flag.Int("messages", 100, "how many messages each INBOX holds")
	limit    = flag.Float64("limit", 40, "KiB of resident memory that a session may cost")
	profile  = flag.String("profile", "", "file for the server's heap profile with all sessions open")
	serving  = flag.Bool("serve", false, "be the server (used by the benchmark itself)")
)

func main() {
	flag.Parse()
	run := bench
	if *serving {
		run = serve
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "idlebench:", err)
		os.Exit(1)
	}
}

func bench() error {
	s, err := start()
	if err != nil {
		return err
	}
	defer s.stop()
	// One session first, so that what is made only once counts as the baseline.
	if err := s.open(1); err != nil {
		return err
	}
	s.hangUp()
	before, err := s.measure("")
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := s.open(*sessions); err != nil {
		return err
	}
	opened := time.Since(begin)
	after, err := s.measure(*profile)
	if err != nil {
		return err
	}
	each := float64(after.resident-before.resident) / float64(*sessions)
	fmt.Printf("%d sessions in IDLE over %s, opened in %.1f s\n", *sessions, s.version, opened.Seconds())
	fmt.Printf("server, resident: %d KiB before, %d KiB with them\n", before.resident, after.resident)
	fmt.Printf("of the difference: %d KiB heap, %d KiB stacks\n", after.heap-before.heap, after.stacks-before.stacks)
	fmt.Printf("each session: %.1f KiB (limit %.0f, aim 24)\n", each, *limit)
	if each >= *limit {
		return fmt.Errorf("a session costs %.1f KiB, more than %.0f", each, *limit)
	}
	return nil
}

// server is the other process, and the connections to it.
type server struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	address string
	roots   *x509.CertPool
	version string

	mu    sync.Mutex
	conns []*tls.Conn
}

// start runs this program as the server and waits until it listens.
func start() (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := append([]string{"-serve"}, os.Args[1:]...)
	s := &server{cmd: exec.Command(self, args...), roots: x509.NewCertPool()}
	s.cmd.Stderr = os.Stderr
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewScanner(out)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	words, err := s.ask("")
	if err != nil {
		return nil, err
	}
	s.address = words[0]
	ca, err := os.ReadFile(words[1])
	if err != nil {
		return nil, err
	}
	s.roots.AppendCertsFromPEM(ca)
	return s, nil
}

// ask sends the server a line and returns the words of its answer.
func (s *server) ask(line string) ([]string, error) {
	if line != "" {
		if _, err := io.WriteString(s.in, line+"\n"); err != nil {
			return nil, err
		}
	}
	if !s.out.Scan() {
		return nil, fmt.Errorf("the server said nothing: %w", s.cmd.Wait())
	}
	return strings.Fields(s.out.Text()), nil
}

func (s *server) stop() {
	s.hangUp()
	s.in.Close()
	s.cmd.Wait()
}

// memory is what the server uses, in KiB.
type memory struct{ resident, heap, stacks int64 }

// measure lets the server collect, and reads what is left.
func (s *server) measure(profile string) (m memory, err error) {
	words, err := s.ask(strings.TrimSpace("collect " + profile))
	if err != nil {
		return m, err
	}
	if len(words) != 2 {
		return m, fmt.Errorf("collecting failed: %s", strings.Join(words, " "))
	}
	m.heap, _ = strconv.ParseInt(words[0], 10, 64)
	m.stacks, _ = strconv.ParseInt(words[1], 10, 64)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return m, err
	}
	_, rest, found := strings.Cut(string(status), "VmRSS:")
	if !found {
		return m, fmt.Errorf("no VmRSS in /proc")
	}
	m.resident, err = strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return m, err
}

// open brings n sessions into IDLE, a few at a time.
func (s *server) open(n int) error {
	var wg sync.WaitGroup
	errs := make(chan error, n)
	turns := make(chan struct{}, 16)
	for i := range n {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if err := s.idle(i % *accounts); err != nil {
				errs <- fmt.Errorf("session %d: %w", i, err)
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// idle opens one session and leaves it in IDLE.
func (s *server) idle(account int) error {
	conn, err := tls.Dial("tcp", s.address, &tls.Config{RootCAs: s.roots, ServerName: hostname})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.version = tls.VersionName(conn.ConnectionState().Version)
	s.mu.Unlock()
	r := imap.NewResponseReader(bufio.NewReader(conn), imap.DefaultResponseLimits)
	if _, err := r.Next(); err != nil {
		return err
	}
	for _, command := range []string{
		fmt.Sprintf("a LOGIN %s %q", address(account), password),
		"b SELECT INBOX",
		"c IDLE",
	} {
		if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
			return err
		}
		if err := hear(r, command); err != nil {
			return err
		}
	}
	return nil
}

// hear waits for the answer to a command.
func hear(r *imap.ResponseReader, command string) error {
	for {
		response, err := r.Next()
		switch {
		case err != nil:
			return err
		case response.Tag == "+" || response.Cond == imap.OK && response.Tag != "*":
			return nil
		case response.Cond == imap.No, response.Cond == imap.Bad, response.Cond == imap.Bye:
			name, _, _ := strings.Cut(command[2:], " ")
			return fmt.Errorf("%s: %s", name, response.Raw)
		}
	}
}

func (s *server) hangUp() {
	for _, conn := range s.conns {
		conn.Close()
	}
	s.conns = nil
}
