package crash

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// A wire is a client's end of a connection, for any of the three protocols.
// Whatever goes wrong is an error: the server may die at any moment.
type wire struct {
	conn net.Conn
	r    *bufio.Reader
	tag  int
}

// patience is how long a reply may take.
const patience = 30 * time.Second

func dial(address string, secure bool) (*wire, error) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, err
	}
	if secure { // whom we speak to is not what is tested
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	w := &wire{conn: conn, r: bufio.NewReader(conn)}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		conn.Close()
		return nil, err
	}
	return w, nil
}

func (w *wire) close() { w.conn.Close() }

func (w *wire) send(text string) error {
	w.conn.SetDeadline(time.Now().Add(patience))
	_, err := io.WriteString(w.conn, text)
	return err
}

func (w *wire) line() (string, error) {
	l, err := w.r.ReadString('\n')
	return strings.TrimRight(l, "\r\n"), err
}

// smtp sends a line and waits for the reply, which must begin with code.
func (w *wire) smtp(line, code string) error {
	if line != "" {
		if err := w.send(line + "\r\n"); err != nil {
			return err
		}
	}
	for {
		l, err := w.line()
		if err != nil {
			return err
		}
		if len(l) < 4 || l[3] != '-' {
			return expect(l, code)
		}
	}
}

func expect(line, start string) error {
	if !strings.HasPrefix(line, start) {
		return fmt.Errorf("the server says %q, not %s", line, start)
	}
	return nil
}

// openSMTP greets a relay port.
func openSMTP(address string) (*wire, error) {
	w, err := dial(address, false)
	if err != nil {
		return nil, err
	}
	if err = w.smtp("", "220"); err == nil {
		err = w.smtp("EHLO client.example.org", "250")
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// deliver returns nil when the server has answered 250 to the message.
func (w *wire) deliver(to, text string) error {
	for _, step := range [][2]string{
		{"MAIL FROM:<sender@example.org>", "250"}, {"RCPT TO:<" + to + ">", "250"}, {"DATA", "354"}, {text + ".", "250"},
	} {
		if err := w.smtp(step[0], step[1]); err != nil {
			return err
		}
	}
	return nil
}

// openIMAP logs in and selects INBOX.
func openIMAP(address, user, password string) (*wire, error) {
	w, err := dial(address, true)
	if err != nil {
		return nil, err
	}
	if _, err = w.line(); err == nil {
		_, err = w.imap(fmt.Sprintf("LOGIN %q %q", user, password))
	}
	if err == nil {
		_, err = w.imap("SELECT INBOX")
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// imap sends a command and returns the literals of its responses. It fails
// unless the command is answered OK.
func (w *wire) imap(command string) (literals []string, err error) {
	w.tag++
	tag := fmt.Sprintf("a%d ", w.tag)
	if err := w.send(tag + command + "\r\n"); err != nil {
		return nil, err
	}
	for {
		l, err := w.line()
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(l, tag) {
			return literals, expect(l, tag+"OK")
		}
		if n := literalSize(l); n >= 0 {
			b := make([]byte, n)
			if _, err := io.ReadFull(w.r, b); err != nil {
				return nil, err
			}
			literals = append(literals, string(b))
		}
	}
}

// literalSize is the size of the literal that a line ends with, or -1.
func literalSize(line string) int {
	i := strings.LastIndexByte(line, '{')
	if i < 0 || !strings.HasSuffix(line, "}") {
		return -1
	}
	n, err := strconv.Atoi(line[i+1 : len(line)-1])
	if err != nil {
		return -1
	}
	return n
}

// append returns nil when the server has answered OK to APPEND.
func (w *wire) append(text string) error {
	_, err := w.imap(fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(text), text))
	return err
}

// openPOP logs in.
func openPOP(address, user, password string) (*wire, error) {
	w, err := dial(address, true)
	if err != nil {
		return nil, err
	}
	for _, line := range []string{"", "USER " + user, "PASS " + password} {
		if err = w.pop(line); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

// pop sends a command, if it is one, and expects +OK.
func (w *wire) pop(command string) error {
	if command != "" {
		if err := w.send(command + "\r\n"); err != nil {
			return err
		}
	}
	l, err := w.line()
	if err != nil {
		return err
	}
	return expect(l, "+OK")
}

// top returns the lines of a message's header; missing says that there is no
// such message.
func (w *wire) top(n int) (header string, missing bool, err error) {
	if err := w.send(fmt.Sprintf("TOP %d 0\r\n", n)); err != nil {
		return "", false, err
	}
	l, err := w.line()
	if err != nil || strings.HasPrefix(l, "-ERR") {
		return "", true, err
	}
	for {
		if l, err = w.line(); err != nil || l == "." {
			return header, false, err
		}
		header += l + "\n"
	}
}
