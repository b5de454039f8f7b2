// Package dialogue plays written dialogues against a server, as its client.
//
// A dialogue is a text file that anyone who knows the protocol can read:
//
//	# Mail for a mailbox here is taken.
//	connect 25
//	S: 220 mail.example.com …
//	C: EHLO client.example.com
//	S: 250-mail.example.com
//	S: 250 SIZE «size»
//	C: QUIT
//	S: 221 …
//	end
//
// "C: " is a line that the client sends, with CRLF; lines that follow each
// other are sent at once. "c: " is a Go string, sent as it is. "S: " is a line
// that the server must say, CRLF included: "…" stands for any text, "«name»"
// for a variable, which gets its value where it is first heard. "#" begins a
// comment.
//
// Directives stand alone: "connect PORT [NAME]" opens a connection and makes
// it the one that speaks, "on NAME" changes to another, "tls" shakes hands,
// "end" waits for the server to hang up, "half-close" and "close" hang up
// ourselves. Any other word is one of the caller's steps.
//
// RFC 5321, RFC 1939 and RFC 9051 speak in such lines.
package dialogue

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long the server may take for one line. It is only ever used
// up by a server that is broken.
const patience = 30 * time.Second

// Stage is what a dialogue is played on.
type Stage struct {
	// Dial opens a connection to the server's port of that name.
	Dial func(port string) (net.Conn, error)
	// TLS is the client's side of "tls".
	TLS *tls.Config
	// Vars are variables that have a value from the start.
	Vars map[string]string
	// Steps are the caller's own directives; each gets the rest of its line.
	Steps map[string]func(arguments string) error
}

// Files lists the dialogues that match a pattern, such as "testdata/*.txt". No
// match ends the test: a dialogue that nobody plays proves nothing.
func Files(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues match %s (%v)", pattern, err)
	}
	return files
}

// Name is a dialogue's name for a subtest.
func Name(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

// Play plays the dialogue in a file and fails the test at the first line that
// does not come as it is written.
func (s Stage) Play(t testing.TB, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := s.Run(string(text)); err != nil {
		t.Fatalf("%s:%d: %v", file, at, err)
	}
}

// Run plays a dialogue and returns the first thing that went wrong and its
// line, counted from 1.
func (s Stage) Run(text string) (line int, err error) {
	p := &player{stage: s, vars: map[string]string{}, actors: map[string]*actor{}}
	for name, value := range s.Vars {
		p.vars[name] = value
	}
	defer p.hangUp()
	spoken := 0
	for text := range strings.Lines(text) {
		line++
		text = strings.TrimRight(text, "\n")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if err := p.play(text); err != nil {
			return line, err
		}
		spoken++
	}
	if spoken == 0 {
		return line, fmt.Errorf("nothing to play")
	}
	return line, p.flush()
}

// player is one performance.
type player struct {
	stage  Stage
	vars   map[string]string
	actors map[string]*actor
	on     *actor
}

// actor is one connection.
type actor struct {
	net.Conn
	r     *bufio.Reader
	ahead strings.Builder // lines not sent yet
	sent  chan error      // result of the write that is under way; nil without one
}

// play plays one line.
func (p *player) play(text string) error {
	switch kind, rest, _ := strings.Cut(text, ":"); kind {
	case "C":
		rest, err := p.fill(strings.TrimPrefix(rest, " "))
		if err != nil {
			return err
		}
		return p.say(rest + "\r\n")
	case "c":
		raw, err := strconv.Unquote(strings.TrimSpace(rest))
		if err != nil {
			return fmt.Errorf("c: needs a Go string: %w", err)
		}
		if raw, err = p.fill(raw); err != nil {
			return err
		}
		return p.say(raw)
	case "S":
		return p.hear(strings.TrimPrefix(rest, " "))
	}
	word, rest, _ := strings.Cut(text, " ")
	if err := p.flush(); err != nil {
		return err
	}
	return p.direct(word, strings.TrimSpace(rest))
}

// direct follows a directive.
func (p *player) direct(word, rest string) error {
	if step, ok := p.stage.Steps[word]; ok {
		rest, err := p.fill(rest)
		if err != nil {
			return err
		}
		return step(rest)
	}
	switch word {
	case "connect":
		return p.connect(strings.Fields(rest))
	case "on":
		p.on = p.actors[rest]
		if p.on == nil {
			return fmt.Errorf("there is no connection called %q", rest)
		}
		return nil
	}
	if p.on == nil {
		return fmt.Errorf("%s: connect first", word)
	}
	switch word {
	case "tls":
		return p.on.shakeHands(p.stage.TLS)
	case "end":
		return p.on.hearEnd()
	case "half-close":
		return errors.Join(p.on.settle(), p.on.Conn.(interface{ CloseWrite() error }).CloseWrite())
	case "close":
		return errors.Join(p.on.settle(), p.on.Close())
	}
	return fmt.Errorf("%q is neither a line of a dialogue nor a directive", word)
}

func (p *player) connect(arguments []string) error {
	if len(arguments) == 0 || len(arguments) > 2 {
		return fmt.Errorf("use: connect PORT [NAME]")
	}
	conn, err := p.stage.Dial(arguments[0])
	if err != nil {
		return err
	}
	name := arguments[len(arguments)-1]
	if old := p.actors[name]; old != nil {
		old.Close()
	}
	p.on = newActor(conn)
	p.actors[name] = p.on
	return nil
}

func newActor(conn net.Conn) *actor {
	return &actor{Conn: conn, r: bufio.NewReader(conn)}
}

// say keeps what the client sends until the server has to speak.
func (p *player) say(text string) error {
	if p.on == nil {
		return fmt.Errorf("connect first")
	}
	p.on.ahead.WriteString(text)
	return nil
}

// flush sends what was said.
func (p *player) flush() error {
	if p.on == nil {
		return nil
	}
	return p.on.flush()
}

// flush writes in the background: a server may answer the first line before it
// reads the last one, and neither must wait for the other for ever.
func (a *actor) flush() error {
	if err := a.settle(); err != nil || a.ahead.Len() == 0 {
		return err
	}
	text := a.ahead.String()
	a.ahead.Reset()
	a.sent = make(chan error, 1)
	a.SetDeadline(time.Now().Add(patience))
	go func() {
		_, err := io.WriteString(a.Conn, text)
		a.sent <- err
	}()
	return nil
}

// settle waits for the write that is under way. A server that has refused what
// is being sent may have gone by then, so the error only matters to what
// follows.
func (a *actor) settle() error {
	if a.sent == nil {
		return nil
	}
	err := <-a.sent
	a.sent = nil
	return err
}

func (a *actor) shakeHands(config *tls.Config) error {
	if err := a.settle(); err != nil {
		return err
	}
	if n := a.r.Buffered(); n > 0 {
		rest, _ := a.r.Peek(n)
		return fmt.Errorf("server went on in plain text after its go-ahead: %q", rest)
	}
	a.SetDeadline(time.Now().Add(patience))
	secure := tls.Client(a.Conn, config)
	if err := secure.Handshake(); err != nil {
		return err
	}
	a.Conn, a.r = secure, bufio.NewReader(secure)
	return nil
}

// hear reads one line and compares it.
func (p *player) hear(want string) error {
	if err := p.flush(); err != nil {
		return err
	}
	if p.on == nil {
		return fmt.Errorf("connect first")
	}
	p.on.SetDeadline(time.Now().Add(patience))
	got, err := p.on.r.ReadString('\n')
	if err != nil {
		return fmt.Errorf("waiting for %q: %w (after %q)", want, err, got)
	}
	got, ok := strings.CutSuffix(got, "\r\n")
	if !ok {
		return fmt.Errorf("heard %q, which does not end with CRLF; want %q", got, want)
	}
	return p.match(want, got)
}

func (a *actor) hearEnd() error {
	a.SetDeadline(time.Now().Add(patience))
	_, err := a.r.Peek(1)
	if err == nil {
		rest, _ := a.r.Peek(a.r.Buffered())
		return fmt.Errorf("heard %q, want the end", rest)
	}
	if err != io.EOF {
		return fmt.Errorf("want the end: %w", err)
	}
	return nil
}

func (p *player) hangUp() {
	for _, a := range p.actors {
		a.Close()
		a.settle()
	}
}
