package smtpd_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/internal/mailhost/door"
	"postern/internal/mailhost/testhost"
	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// model is what a session should remember. Every rule of SMTP about what may
// follow what is in it, once more and in other words.
type model struct {
	submission             bool
	tls, greeted, loggedIn bool
	transaction            bool
	recipients             int
	errors                 int
}

// action is a command, and what the model says to it: the code of the reply.
// It changes the model as the command changes the session. A message, if there
// is one, follows a 354.
type action struct {
	name, line string
	code       func(m *model) int
	message    string
	then       func(m *model) int
}

func always(code int) func(*model) int { return func(*model) int { return code } }

// actions are every command, well and badly used.
func actions(password string) []action {
	list := []action{
		{name: "EHLO", line: "EHLO client.example", code: (*model).greet},
		{name: "HELO", line: "HELO client.example", code: (*model).greet},
		{name: "EHLO without name", line: "EHLO", code: always(501)},
		{name: "MAIL null", line: "MAIL FROM:<>", code: func(m *model) int { return m.mail(250) }},
		{name: "MAIL own", line: "MAIL FROM:<alice@example.com>", code: func(m *model) int {
			if m.submission && !m.loggedIn {
				return m.mail(530)
			}
			return m.mail(250)
		}},
		{name: "MAIL foreign", line: "MAIL FROM:<carol@other.example>", code: func(m *model) int {
			if m.loggedIn {
				return m.mail(553)
			}
			return m.mail(250)
		}},
		{name: "MAIL too large", line: "MAIL FROM:<> SIZE=100001", code: func(m *model) int { return m.mail(552) }},
		{name: "MAIL malformed", line: "MAIL FROM:alice", code: always(501)},
		{name: "MAIL unknown parameter", line: "MAIL FROM:<> RET=FULL", code: always(555)},
		{name: "RCPT local", line: "RCPT TO:<bob@example.com>", code: func(m *model) int { return m.rcpt(250) }},
		{name: "RCPT unknown", line: "RCPT TO:<nobody@example.com>", code: func(m *model) int { return m.rcpt(550) }},
		{name: "RCPT foreign", line: "RCPT TO:<dave@elsewhere.example>", code: func(m *model) int { return m.rcpt(550) }},
		{name: "RCPT malformed", line: "RCPT TO:bob", code: always(501)},
		{name: "DATA with a parameter", line: "DATA now", code: always(501)},
		{name: "RSET", line: "RSET", code: func(m *model) int { m.forget(); return 250 }},
		{name: "NOOP", line: "NOOP", code: always(250)},
		{name: "VRFY", line: "VRFY bob", code: always(252)},
		{name: "EXPN", line: "EXPN staff", code: always(502)},
		{name: "HELP", line: "HELP", code: always(214)},
		{name: "unknown", line: "TURN", code: always(500)},
		{name: "empty line", line: "", code: always(500)},
		{name: "STARTTLS", line: "STARTTLS", code: (*model).startTLS},
		{name: "AUTH right", line: "AUTH PLAIN " + testhost.Plain("", alice, password), code: func(m *model) int { return m.auth(235) }},
		{name: "AUTH wrong", line: "AUTH PLAIN " + testhost.Plain("", alice, "not-"+password), code: func(m *model) int { return m.auth(535) }},
		{name: "AUTH garbage", line: "AUTH PLAIN !", code: func(m *model) int { return m.auth(501) }},
		{name: "AUTH unknown", line: "AUTH GSSAPI", code: func(m *model) int { return m.auth(504) }},
	}
	return append(list, dataActions()...)
}

// dataActions are DATA with messages that are taken and messages that are not.
func dataActions() []action {
	data := func(name, message string, then func(m *model) int) action {
		return action{name: "DATA " + name, line: "DATA", code: (*model).data, message: message, then: then}
	}
	return []action{
		data("from alice", "From: alice@example.com\r\n\r\nhi\r\n", func(m *model) int {
			if m.submission && !m.loggedIn {
				return 530
			}
			return 250
		}),
		data("from carol", "From: carol@other.example\r\n\r\nhi\r\n", func(m *model) int {
			if m.loggedIn {
				return 553
			}
			return 250
		}),
		data("too large", strings.Repeat(strings.Repeat("z", 100)+"\r\n", 1000), always(552)),
		data("in circles", strings.Repeat("Received: x\r\n", 100), always(554)),
		data("with a NUL", "\x00\r\n", always(554)),
	}
}

func (m *model) forget() { m.transaction, m.recipients = false, 0 }

func (m *model) greet() int {
	m.forget()
	m.greeted = true
	return 250
}

func (m *model) mail(otherwise int) int {
	if !m.greeted || m.transaction {
		return 503
	}
	m.transaction = otherwise == 250
	return otherwise
}

func (m *model) rcpt(otherwise int) int {
	switch {
	case !m.transaction:
		return 503
	case m.recipients == 3:
		return 452
	case otherwise == 250:
		m.recipients++
	}
	return otherwise
}

func (m *model) data() int {
	if !m.transaction || m.recipients == 0 {
		return 503
	}
	m.forget()
	return 354
}

func (m *model) startTLS() int {
	if m.tls {
		return 503
	}
	m.forget()
	m.tls, m.greeted, m.loggedIn = true, false, false
	return 220
}

func (m *model) auth(otherwise int) int {
	switch {
	case !m.greeted, m.loggedIn, m.transaction, !m.submission:
		return 503
	case !m.tls:
		return 530
	}
	m.loggedIn = otherwise == 235
	return otherwise
}

// TestModel sends every command in every state and holds each reply against
// the model.
func TestModel(t *testing.T) {
	h := newHouse(t, nil)
	all := actions(h.Password)
	rapid.Check(t, func(rt *rapid.T) {
		port := rapid.SampledFrom(portsOpen).Filter(func(p door.Port) bool { return p.Security != ports.None }).Draw(rt, "port")
		m := &model{
			submission: port.Role == ports.Submission,
			tls:        port.Security == ports.TLS,
		}
		c := talker{h.Talk(rt, port), rt}
		defer c.Close()
		c.hear(220)
		for range rapid.IntRange(1, 40).Draw(rt, "commands") {
			a := rapid.SampledFrom(all).Draw(rt, "command")
			if !c.perform(a, m) {
				return
			}
		}
		c.Say("QUIT\r\n")
		c.hear(221)
	})
}

// talker is a client that knows what to expect.
type talker struct {
	*testhost.Talker
	t *rapid.T
}

// perform does one action and reports whether the session goes on.
func (c talker) perform(a action, m *model) bool {
	want := a.code(m)
	c.Say(a.line + "\r\n")
	c.hear(want)
	switch {
	case want == 354:
		c.Say(a.message + ".\r\n")
		want = a.then(m)
		c.hear(want)
		if want == 250 {
			m.errors = 0
		}
	case want == 220:
		c.Encrypt()
	}
	if want < 400 {
		return true
	}
	if m.errors++; m.errors < 20 {
		return true
	}
	c.hear(421)
	return false
}

func (c talker) hear(code int) {
	reply, err := smtp.ReadReply(func() (string, error) { return c.Line(), nil })
	if err != nil {
		c.t.Fatalf("waiting for %d: %v", code, err)
	}
	if reply.Code != code {
		c.t.Fatalf("heard %q, want %d", reply.String(), code)
	}
}
