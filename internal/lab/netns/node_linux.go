package netns

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// node is a child process in a namespace of its own, which does there what it
// is asked over a socket pair. It ends when the socket is closed.
type node struct {
	name  string
	child *exec.Cmd
	conn  *net.UnixConn
}

// request is one line of JSON: a listener to be made, or a command to be run.
type request struct {
	Listen  string   `json:",omitempty"`
	Command []string `json:",omitempty"`
}

// response follows each request. A listener's file descriptor comes with it.
type response struct {
	Error string `json:",omitempty"`
}

// nodeSocket is where a node finds its end of the socket pair: the first file
// after the standard streams.
const nodeSocket = 3

// startNode starts this program as a node in a new namespace.
func startNode(name string) (*node, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), name), os.NewFile(uintptr(pair[1]), name)
	defer ours.Close()
	defer theirs.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	child := exec.Command("/proc/self/exe", nodeArguments()...)
	child.Args[0] = os.Args[0] // by which a test program may tell what it is to be
	child.Env = append(os.Environ(), environment+"="+asNode)
	child.Stderr = os.Stderr
	child.ExtraFiles = []*os.File{theirs}
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := child.Start(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	n := &node{name: name, child: child, conn: conn.(*net.UnixConn)}
	if err := n.run("ip", "link", "set", "lo", "up"); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// nodeArguments lead to a call of Main: in the command line's "lab node", or
// in TestMain. A test program whose TestMain does not call it runs no test.
func nodeArguments() []string {
	if strings.HasSuffix(os.Args[0], ".test") {
		return []string{"-test.run=^$"}
	}
	return []string{"lab", "node"}
}

func (n *node) pid() string { return fmt.Sprint(n.child.Process.Pid) }

// run runs a command in the node's namespace.
func (n *node) run(command ...string) error {
	_, err := n.ask(request{Command: command})
	return err
}

// listen makes a TCP listener in the node's namespace.
func (n *node) listen(at netip.AddrPort) (net.Listener, error) {
	file, err := n.ask(request{Listen: at.String()})
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, fmt.Errorf("%s: no listener came for %v", n.name, at)
	}
	defer file.Close()
	return net.FileListener(file)
}

// ask sends a request and waits for its response.
func (n *node) ask(r request) (*os.File, error) {
	if err := json.NewEncoder(n.conn).Encode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", n.name, err)
	}
	line, rights := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(4))
	length, rightsLength, _, _, err := n.conn.ReadMsgUnix(line, rights)
	if err != nil || length == 0 {
		return nil, fmt.Errorf("%s ended: does the program call netns.Main? %w", n.name, err)
	}
	file, err := receivedFile(rights[:rightsLength])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.name, err)
	}
	var answer response
	if err := json.Unmarshal(line[:length], &answer); err != nil {
		return file, fmt.Errorf("%s: %w", n.name, err)
	}
	if answer.Error != "" {
		return file, fmt.Errorf("%s: %s", n.name, answer.Error)
	}
	return file, nil
}

// receivedFile unpacks the file that came with a response, if one did.
func receivedFile(rights []byte) (*os.File, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, err
	}
	files, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(files[0]), "listener"), nil
}

func (n *node) close() error {
	n.conn.Close()
	return n.child.Wait()
}

// Main does the work of a node, if this process was started as one, and does
// not return then. TestMain calls it first in every package whose tests use
// networks.
func Main() {
	if os.Getenv(environment) != asNode {
		return
	}
	conn, err := net.FileConn(os.NewFile(nodeSocket, "requests"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
	serve(conn.(*net.UnixConn))
	os.Exit(0)
}

// serve answers requests until the other end closes the socket.
func serve(conn *net.UnixConn) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		file, err := fulfil(lines.Bytes())
		var answer response
		var rights []byte
		if err != nil {
			answer.Error = err.Error()
		}
		if file != nil {
			rights = unix.UnixRights(int(file.Fd()))
		}
		text, _ := json.Marshal(answer) // one string: can't fail
		conn.WriteMsgUnix(text, rights, nil)
		if file != nil {
			file.Close()
		}
	}
}

func fulfil(line []byte) (*os.File, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	if r.Listen != "" {
		l, err := net.Listen("tcp", r.Listen)
		if err != nil {
			return nil, err
		}
		defer l.Close()
		return l.(*net.TCPListener).File()
	}
	if len(r.Command) == 0 {
		return nil, errors.New("an empty request")
	}
	return nil, runHere(r.Command...)
}

// runHere runs a command in this process's namespace; its output is the error.
func runHere(command ...string) error {
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
