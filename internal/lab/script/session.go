package script

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"time"

	"postern/internal/wire/sasl"
)

// errEnd ends a session as the script wants it; any other error does so too,
// but was not planned. Nobody hears of either: the client has seen it happen.
var errEnd = errors.New("the script ends the session")

// session is one connection and where it stands in the script.
type session struct {
	server *Server
	tcp    net.Conn // as accepted
	conn   net.Conn // tcp, or TLS over it
	in     *bufio.Reader
	out    *bufio.Writer

	vars     map[string]string
	secure   bool // TLS has begun
	loggedIn bool
	accepted bool // what the last login action said
	spoke    bool // the client has sent a line
}

func newSession(s *Server, conn net.Conn) *session {
	se := &session{server: s, tcp: conn, vars: maps.Clone(s.vars)}
	se.speakOver(conn)
	return se
}

func (se *session) speakOver(conn net.Conn) {
	se.conn = conn
	se.in = bufio.NewReaderSize(conn, lineLimit)
	se.out = bufio.NewWriter(conn)
}

func (se *session) run() {
	defer se.over()
	if se.server.Implicit && se.handshake() != nil {
		return
	}
	err := se.play(se.server.Script.connect)
	for err == nil {
		err = se.next()
	}
}

// over takes the session off the count of those that are there.
func (se *session) over() {
	if se.spoke {
		se.spoke = false
		se.server.Counter.ended()
	}
}

// next reads a line and plays the first block that it matches.
func (se *session) next() error {
	words, err := se.readWords()
	if err != nil {
		return err
	}
	for _, c := range se.server.Script.commands {
		if c.pattern.match(words, se.vars) {
			return se.play(c.steps)
		}
	}
	return fmt.Errorf("no block for %q", words)
}

func (se *session) play(steps []step) error {
	for _, st := range steps {
		if !se.holds(st.when) {
			continue
		}
		if err := se.do(st); err != nil {
			return err
		}
	}
	return nil
}

func (se *session) holds(conditions []string) bool {
	now := map[string]bool{
		"plain": !se.secure, "tls": se.secure,
		"out": !se.loggedIn, "in": se.loggedIn,
		"no": !se.accepted, "yes": se.accepted,
	}
	for _, c := range conditions {
		holds, known := now[c]
		if !known {
			holds = expand(c, se.vars) == "yes"
		}
		if !holds {
			return false
		}
	}
	return true
}

func (se *session) do(st step) error {
	args := make([]string, len(st.args))
	for i, a := range st.args {
		args[i] = expand(a, se.vars)
	}
	switch st.do {
	case sayLine:
		_, err := se.out.WriteString(expand(st.text, se.vars) + "\r\n")
		return err
	case sayRaw:
		_, err := se.out.WriteString(expand(st.text, se.vars))
		return err
	case readLine:
		return se.expect(st.read)
	case readBody:
		return se.skipBody()
	case readAny:
		return se.readAny()
	case login, loginB64, loginSAS:
		se.login(st.do, args)
		return nil
	case startTLS:
		return se.startTLS()
	case wait:
		return se.wait(args[0])
	}
	return se.end(st.do)
}

// login compares what the client sent with the accounts and remembers the answer.
func (se *session) login(how action, args []string) {
	user, password := "", ""
	switch how {
	case login:
		user, password = args[0], args[1]
	case loginB64:
		u, _ := sasl.Decode(args[0])
		p, _ := sasl.Decode(args[1])
		user, password = string(u), string(p)
	case loginSAS:
		response, _ := sasl.DecodeInitial(args[0])
		if fields := strings.Split(string(response), "\x00"); len(fields) == 3 {
			user, password = fields[1], fields[2]
		}
	}
	want, known := se.server.Accounts[user]
	se.accepted = known && password == want
	se.loggedIn = se.loggedIn || se.accepted
	se.server.Counter.login(se.accepted)
}

func (se *session) startTLS() error {
	if err := se.out.Flush(); err != nil {
		return err
	}
	if se.server.TLS == nil {
		return errors.New("starttls without a certificate")
	}
	return se.handshake()
}

func (se *session) handshake() error {
	se.tcp.SetDeadline(time.Now().Add(idleLimit))
	conn := tls.Server(se.tcp, se.server.TLS)
	if err := conn.HandshakeContext(se.server.ctx); err != nil {
		return err
	}
	se.secure = true
	se.speakOver(conn)
	return nil
}

func (se *session) wait(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	if err := se.out.Flush(); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-se.server.ctx.Done():
		return errEnd
	}
}

// end leaves the client in the way that the script says. What the client still
// sends is read until it leaves, because the kernel sends RST for a connection
// that is closed with unread bytes.
func (se *session) end(how action) error {
	se.out.Flush()
	switch how {
	case reset:
		if tcp, ok := se.tcp.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		return errEnd
	case closing:
		se.over() // for a client that waits for the FIN it is over when that comes
		if c, ok := se.conn.(interface{ CloseWrite() error }); ok {
			c.CloseWrite()
		}
		if tcp, ok := se.tcp.(*net.TCPConn); ok {
			tcp.CloseWrite()
		}
	}
	se.tcp.SetDeadline(time.Now().Add(idleLimit))
	io.Copy(io.Discard, se.conn)
	return errEnd
}
