package smtpd_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/internal/lab/dialogue"
	"postern/internal/lab/leakcheck"
	"postern/internal/mailhost/delivery"
	"postern/internal/mailhost/store"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

func TestDialogues(t *testing.T) {
	for _, file := range dialogue.Files(t, "testdata/*.txt") {
		t.Run(dialogue.Name(file), func(t *testing.T) {
			newHouse(t, nil).stage().Play(t, file)
		})
	}
}

// TestPlainTextInTheHandshake: what comes in plain text after the go-ahead is
// no TLS, and so the connection ends; none of it is executed.
func TestPlainTextInTheHandshake(t *testing.T) {
	h := newHouse(t, nil)
	conn, err := h.Dial("25")
	h.Must(err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	r := bufio.NewReader(conn)
	hear := func(prefix string) {
		t.Helper()
		line, err := r.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, prefix) {
			t.Fatalf("heard %q, %v; want %q", line, err, prefix)
		}
	}
	hear("220 ")
	io.WriteString(conn, "STARTTLS\r\n")
	hear("220 ")
	io.WriteString(conn, "EHLO evil.example\r\nMAIL FROM:<>\r\n")
	rest, err := io.ReadAll(r)
	if err != nil || bytes.Contains(rest, []byte("250")) {
		t.Errorf("heard %q, %v; want nothing but an alert", rest, err)
	}
}

// TestNothingIsSmuggled sends a message with every mix of CR, LF and dot in
// front of commands that would deliver a second message. However the message
// is taken, there is never a second one.
func TestNothingIsSmuggled(t *testing.T) {
	h := newHouse(t, nil)
	taken := 0
	for _, mix := range mixes("\r\n.", 5) {
		conn, err := h.Dial("25")
		h.Must(err)
		conn.SetDeadline(time.Now().Add(30 * time.Second))
		io.WriteString(conn, "HELO mx\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\ntext"+mix+
			"MAIL FROM:<>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\nsmuggled\r\n.\r\nQUIT\r\n")
		replies, err := io.ReadAll(conn)
		h.Must(err)
		h.Must(conn.Close())
		if strings.Contains(mix, "\r\n.\r\n") {
			// That is an end, and what follows it are commands.
			continue
		}
		accepted := strings.Count(string(replies), "Message delivered")
		refused := strings.Count(string(replies), "554 5.6.0 message has a")
		bare := strings.ContainsAny(strings.ReplaceAll(mix, "\r\n", ""), "\r\n")
		if accepted+refused != 1 || (refused == 1) != bare {
			t.Errorf("%q: %d accepted, %d refused:\n%s", mix, accepted, refused, replies)
		}
		taken += accepted
	}
	if got := len(h.Messages(bob)); got < taken || taken == 0 {
		t.Errorf("bob has %d messages, and %d were accepted", got, taken)
	}
	if got := len(h.Messages(alice)); got != 1 {
		t.Errorf("alice has %d messages, want the one that really was a second one", got)
	}
}

// mixes returns every string of 1 to n characters of the alphabet.
func mixes(alphabet string, n int) []string {
	var all []string
	longest := []string{""}
	for range n {
		var longer []string
		for _, s := range longest {
			for _, c := range alphabet {
				longer = append(longer, s+string(c))
			}
		}
		all = append(all, longer...)
		longest = longer
	}
	return all
}

// unavailable is a store that fails at one step.
type unavailable struct {
	delivery.Store
	stage, deliver error
}

func (u *unavailable) Stage(ctx context.Context) (*store.Staging, error) {
	if u.stage != nil {
		return nil, u.stage
	}
	return u.Store.Stage(ctx)
}

func (u *unavailable) Deliver(ctx context.Context, lane store.Lane, body *store.Body, to []store.Delivery) ([]store.Placed, error) {
	if u.deliver != nil {
		return nil, u.deliver
	}
	return u.Store.Deliver(ctx, lane, body, to)
}

// TestStoreUnavailable: a store that can't take a message now is a reason to
// come back, told by its name, and the transaction is over. A recipient who was
// removed since RCPT costs the others nothing but another try.
func TestStoreUnavailable(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "pack/1", Err: syscall.ENOSPC}
	for reply, broken := range map[string]*unavailable{
		"451 4.3.2 the mail store is not available; try again in a moment": {stage: store.ErrStopped},
		"451 4.3.2 the mail store is busy; try again in a moment":          {deliver: store.ErrBusy},
		"452 4.3.1 the server's disk is full; tell its administrator":      {deliver: full},
		"450 4.1.1 a recipient was removed a moment ago; try again":        {deliver: store.ErrNoMailbox},
	} {
		t.Run(reply, func(t *testing.T) {
			h := newHouse(t, func(s delivery.Store) delivery.Store { broken.Store = s; return broken })
			dialogue := "connect 25\nS: 220 …\nC: HELO mx\nC: MAIL FROM:<>\nC: RCPT TO:<bob@example.com>\nC: DATA\n" +
				"S: 250 …\nS: 250 …\nS: 250 …\n"
			if broken.deliver != nil {
				dialogue += "S: 354 …\nC: a: b\nC: .\n"
			}
			dialogue += "S: " + reply + " (session …)\nC: DATA\nS: 503 …\n"
			if line, err := h.stage().Run(dialogue); err != nil {
				t.Errorf("line %d: %v", line, err)
			}
			h.Must(h.Holds("bob@example.com 0"))
		})
	}
}

// TestTooManyErrors: whoever makes nothing but mistakes is sent away, and so is
// whoever does nothing.
func TestTooManyErrors(t *testing.T) {
	for _, test := range []struct {
		command, reply, goodbye string
		times                   int
	}{
		{"WHAT", "500 …", "421 4.5.3 too many errors (session …)", 20},
		{"NOOP", "250 …", "421 4.5.3 too many commands without a message (session …)", 100},
	} {
		h := newHouse(t, nil)
		dialogue := "connect 25\nS: 220 …\n" + strings.Repeat("C: "+test.command+"\n", test.times) +
			strings.Repeat("S: "+test.reply+"\n", test.times) + "S: " + test.goodbye + "\nend\n"
		if line, err := h.stage().Run(dialogue); err != nil {
			t.Errorf("%s: line %d: %v", test.command, line, err)
		}
	}
}

// TestManyRecipientsAreNoIdling: 150 commands that each do their part of a
// transaction once ended the session as commands without a message.
func TestManyRecipientsAreNoIdling(t *testing.T) {
	text := "connect 25\nS: 220 …\nC: HELO mx\nS: 250 …\n" + strings.Repeat(
		"C: MAIL FROM:<>\nC: RCPT TO:<bob@example.com>\nC: RCPT TO:<alice@example.com>\nC: RCPT TO:<bob@example.com>\nC: RSET\n"+
			"S: 250 …\nS: 250 …\nS: 250 …\nS: 250 …\nS: 250 …\n", 30) + "C: QUIT\nS: 221 …\nend\n"
	if line, err := newHouse(t, nil).stage().Run(text); err != nil {
		t.Errorf("line %d: %v", line, err)
	}
}

// TestManySessions delivers from many sessions at once: each message arrives
// once, whole.
func TestManySessions(t *testing.T) {
	h := newHouse(t, nil)
	const sessions, each = 8, 10
	var all sync.WaitGroup
	for s := range sessions {
		all.Go(func() {
			var text strings.Builder
			text.WriteString("connect 25\nS: 220 …\nC: HELO mx\nS: 250 …\n")
			for n := range each {
				fmt.Fprintf(&text, "C: MAIL FROM:<>\nC: RCPT TO:<bob@example.com>\nC: DATA\nS: 250 …\nS: 250 …\nS: 354 …\n"+
					"C: Subject: %d of %d\nC:\nC: %s\nC: .\nS: 250 …\n", n, s, strings.Repeat("x", 100*n))
			}
			if line, err := h.stage().Run(text.String()); err != nil {
				t.Errorf("session %d, line %d: %v", s, line, err)
			}
		})
	}
	all.Wait()
	got := map[string]int{}
	for _, m := range h.Messages(bob) {
		_, submitted := cutTrace(m)
		got[submitted]++
	}
	for s := range sessions {
		for n := range each {
			want := fmt.Sprintf("Subject: %d of %d\r\n\r\n%s\r\n", n, s, strings.Repeat("x", 100*n))
			if got[want] != 1 {
				t.Errorf("%.40q is there %d times", want, got[want])
			}
		}
	}
}
