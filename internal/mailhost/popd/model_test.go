package popd_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/internal/mailhost/door"
	"postern/internal/mailhost/store"
	"postern/internal/mailhost/testhost"
	"postern/internal/wire/pop3"
	"postern/internal/wire/ports"
)

// model is what a session should remember: its state, and which messages it
// has marked.
type model struct {
	tls, named, in bool
	sizes          []int
	marked         []bool
	errors         int
}

// action is a command, and what the model answers: the status line up to what
// only the server knows, and the lines that follow it.
type action struct {
	line string
	want func(m *model) answer
}

// answer is a response. Lines are nil for one line alone.
type answer struct {
	ok    bool
	text  string // what the status line's text begins with
	lines []string
}

var refused = answer{}

func accepted(text string, lines ...string) answer { return answer{true, text, lines} }

// actions are every command, for messages 1 to 3 and beyond.
func actions(password string) []action {
	all := []action{
		{"CAPA", func(m *model) answer { return answer{true, "", []string{"*"}} }},
		{"STLS", (*model).startTLS},
		{"USER " + alice, (*model).name},
		{"PASS " + password, func(m *model) answer { return m.pass(true) }},
		{"PASS wrong", func(m *model) answer { return m.pass(false) }},
		{"AUTH PLAIN " + testhost.Plain("", alice, password), func(m *model) answer { return m.logIn(true) }},
		{"AUTH PLAIN " + testhost.Plain("", alice, "wrong"), func(m *model) answer { return m.logIn(false) }},
		{"AUTH NTLM", func(m *model) answer { return m.logIn(false) }},
		{"STAT", func(m *model) answer { n, size := m.totals(); return m.only(accepted(fmt.Sprint(n, " ", size))) }},
		{"LIST", func(m *model) answer { return m.only(answer{true, "", append([]string{}, m.listing()...)}) }},
		{"UIDL", func(m *model) answer { return m.only(answer{true, "", []string{"*"}}) }},
		{"NOOP", func(m *model) answer { return m.only(accepted("")) }},
		{"RSET", func(m *model) answer { clear(m.marked); return m.only(accepted("")) }},
		{"LIST x", func(*model) answer { return refused }},
		{"FETCH 1", func(*model) answer { return refused }},
		{"", func(*model) answer { return refused }},
	}
	for n := range 4 {
		all = append(all, messageActions(n+1)...)
	}
	return all
}

func messageActions(n int) []action {
	of := func(format string) string { return fmt.Sprintf(format, n) }
	return []action{
		{of("LIST %d"), func(m *model) answer {
			return m.has(n, func() answer { return accepted(fmt.Sprint(n, " ", m.sizes[n-1])) })
		}},
		{of("UIDL %d"), func(m *model) answer { return m.has(n, func() answer { return accepted(fmt.Sprint(n, " M")) }) }},
		{of("RETR %d"), func(m *model) answer {
			return m.has(n, func() answer {
				return answer{true, fmt.Sprint(m.sizes[n-1], " octets"), []string{"Subject: x", "", strings.Repeat("y", n)}}
			})
		}},
		{of("TOP %d 0"), func(m *model) answer {
			return m.has(n, func() answer { return answer{true, "", []string{"Subject: x", ""}} })
		}},
		{of("DELE %d"), func(m *model) answer {
			return m.has(n, func() answer { m.marked[n-1] = true; return accepted("") })
		}},
	}
}

func (m *model) startTLS() answer {
	if m.tls || m.in {
		return refused
	}
	m.tls, m.named = true, false
	return accepted("go ahead")
}

func (m *model) name() answer {
	m.named = m.tls && !m.in
	return answer{ok: m.named}
}

func (m *model) pass(right bool) answer {
	named := m.named
	m.named = false
	if !named {
		return refused
	}
	return m.logIn(right)
}

func (m *model) logIn(right bool) answer {
	if !m.tls || m.in || !right {
		return refused
	}
	m.in = true
	return accepted("")
}

// only is for commands of the TRANSACTION state.
func (m *model) only(a answer) answer {
	if !m.in {
		return refused
	}
	return a
}

func (m *model) has(n int, a func() answer) answer {
	if !m.in || n > len(m.sizes) || m.marked[n-1] {
		return refused
	}
	return a()
}

func (m *model) totals() (n, size int) {
	for i, marked := range m.marked {
		if !marked {
			n, size = n+1, size+m.sizes[i]
		}
	}
	return n, size
}

func (m *model) listing() (lines []string) {
	for i, marked := range m.marked {
		if !marked {
			lines = append(lines, fmt.Sprint(i+1, " ", m.sizes[i]))
		}
	}
	return lines
}

// TestModel sends every command in every state and holds each response against
// the model; and after QUIT, what is left in the mailbox.
func TestModel(t *testing.T) {
	h := newHouse(t)
	all := actions(h.Password)
	rapid.Check(t, func(rt *rapid.T) {
		port := rapid.SampledFrom([]door.Port{startTLS, implicit}).Draw(rt, "port")
		m := &model{tls: port.Security == ports.TLS}
		h.fill(rt, m, rapid.IntRange(0, 3).Draw(rt, "messages"))
		c := talker{h.Talk(rt, port), rt}
		defer c.Close()
		c.hear(accepted(testhost.Hostname))
		for range rapid.IntRange(1, 40).Draw(rt, "commands") {
			a := rapid.SampledFrom(all).Draw(rt, "command")
			if !c.perform(a, m) {
				return
			}
		}
		left := len(m.sizes)
		if m.in {
			left, _ = m.totals()
		}
		if rapid.Bool().Draw(rt, "QUIT") {
			c.Say("QUIT\r\n")
			c.hear(accepted(""))
		} else {
			c.Say("NOOP\r\n")
			left = len(m.sizes)
		}
		c.HangUp()
		if err := h.Holds(fmt.Sprint(alice, " ", left)); err != nil {
			rt.Fatal(err)
		}
	})
}

// fill puts so many messages into alice's INBOX, and nothing else.
func (h *house) fill(rt *rapid.T, m *model, n int) {
	view, err := h.Store.Select(context.Background(), h.Inbox(alice), true)
	if err != nil {
		rt.Fatal(err)
	}
	var old []store.UID
	for _, e := range view.Snapshot().All() {
		old = append(old, e.UID)
	}
	view.Close()
	if len(old) > 0 {
		if _, err := h.Store.Expunge(context.Background(), h.Inbox(alice), old, false); err != nil {
			rt.Fatal(err)
		}
	}
	for i := range n {
		text := "Subject: x\r\n\r\n" + strings.Repeat("y", i+1) + "\r\n"
		if err := h.deliver(fmt.Sprintf("%s %q", alice, text)); err != nil {
			rt.Fatal(err)
		}
		m.sizes = append(m.sizes, len(text))
	}
	m.marked = make([]bool, n)
}

// talker is a client that knows what to expect.
type talker struct {
	*testhost.Talker
	t *rapid.T
}

// perform does one action and reports whether the session goes on.
func (c talker) perform(a action, m *model) bool {
	want := a.want(m)
	c.Say(a.line + "\r\n")
	c.hear(want)
	if strings.HasPrefix(want.text, "go ahead") {
		c.Encrypt()
	}
	if want.ok {
		return true
	}
	if m.errors++; m.errors < 20 {
		return true
	}
	c.hear(refused)
	c.HangUp()
	return false
}

func (c talker) hear(want answer) {
	first := c.Line()
	s, err := pop3.ParseStatus(first)
	if err != nil || s.OK != want.ok || !strings.HasPrefix(s.Text, want.text) {
		c.t.Fatalf("heard %q, want %+v", first, want)
	}
	if want.lines == nil {
		return
	}
	var lines []string
	for {
		text, end := pop3.Unstuff(c.Line())
		if end {
			break
		}
		lines = append(lines, text)
	}
	if !slices.Equal(want.lines, []string{"*"}) && !slices.Equal(want.lines, lines) {
		c.t.Fatalf("heard %q, want %q", lines, want.lines)
	}
}
