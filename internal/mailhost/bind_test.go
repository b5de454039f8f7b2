package mailhost

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"postern/internal/mailhost/config"
	"postern/internal/wire/ports"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// TestTakenPortNamesItsHolder: the error says which port, who has it, and what
// to do; and the ports that were free are free again.
func TestTakenPortNamesItsHolder(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := portOf(taken)
	_, err = bindAll(t.Context(), []config.Listen{
		{Address: loopback, Port: 0, Protocol: ports.IMAP},
		{Address: loopback, Port: port, Protocol: ports.SMTP},
	}, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Fatal("a taken port was opened")
	}
	for _, want := range []string{
		fmt.Sprintf("can't open port %d for smtp on 127.0.0.1: it is taken by ", port),
		fmt.Sprintf("(process %d)", os.Getpid()),
		"stop that program",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// TestRefusedPortsNameTheRemedy: ports that are refused for one reason share one
// line.
func TestRefusedPortsNameTheRemedy(t *testing.T) {
	var r refusals
	r.add(config.Listen{Port: 25, Protocol: ports.SMTP}, syscall.EACCES)
	r.add(config.Listen{Port: 993, Address: netip.MustParseAddr("192.0.2.1"), Protocol: ports.IMAP}, syscall.EADDRNOTAVAIL)
	r.add(config.Listen{Port: 143, Protocol: ports.IMAP}, syscall.EACCES)
	r.add(config.Listen{Port: 1, Protocol: ports.IMAP}, syscall.EMFILE)
	lines := strings.Split(r.err().Error(), "\n")
	for i, want := range [][2]string{
		{"can't open port 25 for smtp, 143 for imap: ", "AmbientCapabilities=CAP_NET_BIND_SERVICE"},
		{"can't open port 993 for imap on 192.0.2.1: ", "does not have that address"},
		{"can't open port 1 for imap: ", "too many open files"},
	} {
		if !strings.HasPrefix(lines[i], want[0]) || !strings.Contains(lines[i], want[1]) {
			t.Errorf("line %d is %q", i, lines[i])
		}
	}
	if (&refusals{}).err() != nil {
		t.Error("no refusal is an error")
	}
}

// activationChild is the other side of TestSocketActivation, in a process of its
// own: it binds the port it was given and says whether that was the socket it
// inherited.
func activationChild() {
	port := os.Getenv("TEST_ACTIVATION_PORT")
	if port == "" {
		return
	}
	os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid())) // what a service manager does after its fork
	number, _ := strconv.Atoi(port)
	all, err := bindAll(context.Background(), []config.Listen{{Port: number, Protocol: ports.IMAP, Security: ports.TLS}}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	c, err := all[0].Accept()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Fprintf(c, "served on %d, variables left: %q\n", all[0].port.Number, os.Getenv("LISTEN_FDS"))
	c.Close()
	os.Exit(0)
}

// TestSocketActivation: a listener that the service manager holds open is used
// as it is, and not opened a second time.
func TestSocketActivation(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	child := exec.Command(os.Args[0])
	child.ExtraFiles = []*os.File{file} // descriptor 3
	child.Env = append(os.Environ(), "LISTEN_FDS=1", fmt.Sprintf("TEST_ACTIVATION_PORT=%d", portOf(l)))
	child.Stdout, child.Stderr = os.Stderr, os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	line, err := bufio.NewReader(c).ReadString('\n')
	if want := fmt.Sprintf("served on %d, variables left: \"\"\n", portOf(l)); line != want {
		t.Errorf("heard %q, %v; want %q", line, err, want)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}
