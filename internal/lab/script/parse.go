package script

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// action is what a step does.
type action string

const (
	sayLine  action = "S:"           // S: text          send a line and CRLF
	sayRaw   action = "raw"          // raw "bytes"      send exactly these, in Go's quoting
	readLine action = "C:"           // C: pattern       read a line, which should match
	readBody action = "body"         // body             read lines up to a single dot
	readAny  action = "any"          // any              wait until the client sends anything at all
	login    action = "login"        // login USER PASS  compare; decides yes or no
	loginB64 action = "login-base64" // the same, both in base64 (SASL LOGIN)
	loginSAS action = "login-plain"  // login-plain RESPONSE  one SASL PLAIN response
	startTLS action = "starttls"     // the server's side of a handshake begins
	wait     action = "wait"         // wait 300ms
	silent   action = "silent"       // nothing more is said or closed until the client leaves
	closing  action = "close"        // FIN, after what was said has been sent
	reset    action = "reset"        // RST
)

// arguments is how many words follow each action.
var arguments = map[action]int{
	readBody: 0, readAny: 0, login: 2, loginB64: 2, loginSAS: 1,
	startTLS: 0, wait: 1, silent: 0, closing: 0, reset: 0,
}

// conditions may stand before an action, and so may a name in braces, which
// holds when its value is yes.
var conditions = map[string]bool{
	"plain": true, "tls": true, // the connection now
	"out": true, "in": true, // before and after a login
	"no": true, "yes": true, // what the last login action in this block said
}

// Parse reads a script. An error is kept until [Server.Start].
//
// A line at the margin begins a block: "connect", which happens when a client
// connects, or "C:" and a pattern, which happens when the client sends a line
// that matches; the first that matches is taken, and a line that none matches
// ends the connection. A pattern is words that are compared without case; {name}
// stands for any word, or quoted string, and remembers it; "..." at the end stands
// for any rest. Indented lines are steps: conditions (see conditions), then one
// action (see action). In them {name} stands for what the client sent, a
// value that the [Server] was given, or a default from a line "let name = value"
// at the margin. A line "literals" lets the client send IMAP literals. A line
// that begins with "#" is a comment.
func Parse(text string) *Script {
	p := parser{script: &Script{defaults: make(map[string]string)}}
	for i, line := range strings.Split(text, "\n") {
		if err := p.line(i+1, line); err != nil {
			p.script.err = fmt.Errorf("script line %d: %w", i+1, err)
			break
		}
	}
	return p.script
}

// parser is a script in the making.
type parser struct {
	script *Script
	add    func(step) // to the block that was begun last; nil before the first
}

func (p *parser) line(number int, line string) error {
	line = strings.TrimRight(line, " \t\r")
	text := strings.TrimLeft(line, " \t")
	switch {
	case text == "" || text[0] == '#':
		return nil
	case text == line:
		return p.begin(text)
	case p.add == nil:
		return fmt.Errorf("a step outside a block: %q", text)
	}
	st, err := parseStep(text)
	st.line = number
	p.add(st)
	return err
}

// begin reads a line at the margin.
func (p *parser) begin(text string) error {
	s := p.script
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "connect":
		s.connect = []step{}
		p.add = func(st step) { s.connect = append(s.connect, st) }
		return nil
	case "C:":
		pattern, err := parsePattern(rest)
		s.commands = append(s.commands, command{header: text, pattern: pattern})
		last := len(s.commands) - 1
		p.add = func(st step) { s.commands[last].steps = append(s.commands[last].steps, st) }
		return err
	case "let":
		name, value, ok := strings.Cut(rest, "=")
		if !ok {
			return fmt.Errorf("want let name = value, not %q", text)
		}
		s.defaults[strings.TrimSpace(name)] = strings.TrimSpace(value)
		return nil
	case "literals":
		s.literals = true
		return nil
	}
	return fmt.Errorf("want connect, C:, let, literals or an indented step, not %q", text)
}

func parseStep(line string) (step, error) {
	var st step
	for {
		word, rest, _ := strings.Cut(line, " ")
		if !conditions[word] && !variable.MatchString(word) {
			break
		}
		st.when = append(st.when, word)
		line = strings.TrimLeft(rest, " ")
	}
	word, rest, _ := strings.Cut(line, " ")
	st.do = action(word)
	var err error
	switch st.do {
	case sayLine:
		st.text = rest
	case sayRaw:
		st.text, err = strconv.Unquote(rest)
	case readLine:
		st.read, err = parsePattern(rest)
	default:
		want, known := arguments[st.do]
		st.args = strings.Fields(rest)
		if !known || len(st.args) != want {
			return st, fmt.Errorf("no such action: %q", line)
		}
		if st.do == wait && !strings.HasPrefix(st.args[0], "{") {
			_, err = time.ParseDuration(st.args[0])
		}
	}
	return st, err
}
