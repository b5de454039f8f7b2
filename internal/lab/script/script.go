// Package script is a mail server that does what a written dialogue says.
//
// A script is text: what the client may send, and what happens then.
//
//	connect
//	  S: * OK {host} ready
//
//	C: {tag} LOGIN {user} {password}
//	  plain S: {tag} NO [PRIVACYREQUIRED] use STARTTLS first
//	  tls   login {user} {password}
//	  yes   S: {tag} OK logged in
//	  no    S: {tag} NO [AUTHENTICATIONFAILED] wrong user name or password
//
// [IMAP], [POP3] and [SMTP] are whole scripts that are mostly right, in which a
// scenario changes one thing with [Script.With]. See [Parse] for the language.
//
// The server is for tests and demonstrations on loopback: it keeps no mail, and
// it is no parser that would stand up to the world.
package script

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// Script is a parsed script. It does not change; With returns another one.
type Script struct {
	defaults map[string]string // of let lines
	literals bool              // the client may send IMAP literals
	connect  []step
	commands []command
	err      error // of Parse or With, kept until a server is to start
}

// command is one "C:" block: a line that the client may send, and what follows.
type command struct {
	header  string // as written, to be replaced by
	pattern pattern
	steps   []step
}

// step is one line of a block.
type step struct {
	line int
	when []string // conditions, which all must hold
	do   action
	text string   // of sayLine and sayRaw
	args []string // of the other actions
	read pattern  // of readLine
}

// With returns the script with the parts of text put in place: a "let" or
// "connect" replaces the one there was, a "C:" block replaces the one with the
// same header, and goes before all others if there is none. An error in the
// text is kept until [Server.Start].
func (s *Script) With(text string) *Script {
	change := Parse(text)
	out := &Script{
		defaults: maps.Clone(s.defaults),
		literals: s.literals || change.literals,
		connect:  s.connect,
		commands: slices.Clone(s.commands),
		err:      s.err,
	}
	if out.err == nil {
		out.err = change.err
	}
	maps.Copy(out.defaults, change.defaults)
	if change.connect != nil {
		out.connect = change.connect
	}
	for _, c := range slices.Backward(change.commands) {
		same := func(other command) bool { return other.header == c.header }
		if i := slices.IndexFunc(out.commands, same); i >= 0 {
			out.commands[i] = c
		} else {
			out.commands = slices.Insert(out.commands, 0, c)
		}
	}
	return out
}

// variable matches a name in braces. IMAP's literals, such as {12}, are none.
var variable = regexp.MustCompile(`\{[a-z][a-z0-9-]*\}`)

// expand puts values in the place of names, also of names within values.
func expand(text string, vars map[string]string) string {
	for range 3 {
		text = variable.ReplaceAllStringFunc(text, func(name string) string {
			if value, ok := vars[name[1:len(name)-1]]; ok {
				return value
			}
			return name
		})
	}
	return text
}

// check returns an error for a name that nothing defines, because a server that
// says "{host}" to its client is a mistake in the script.
func (s *Script) check(vars map[string]string) error {
	if s.err != nil {
		return s.err
	}
	for _, c := range append([]command{{steps: s.connect}}, s.commands...) {
		known := maps.Clone(vars)
		c.pattern.define(known)
		for _, st := range c.steps {
			st.read.define(known)
			for _, text := range append([]string{st.text}, st.args...) {
				if name := variable.FindString(expand(text, known)); name != "" {
					return fmt.Errorf("script line %d: nothing defines %s", st.line, name)
				}
			}
		}
	}
	return nil
}
