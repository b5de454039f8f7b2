package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/internal/lab/artifacts"
	"postern/internal/lab/leakcheck"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

const (
	alice = "alice@example.test" // gets mail by SMTP
	bob   = "bob@example.test"   // stores it with APPEND
	carol = "carol@example.test" // deletes it with POP3
)

// TestKilledServerKeepsItsWord kills the server twenty times while mail comes
// in over SMTP and IMAP and goes out over POP3.
func TestKilledServerKeepsItsWord(t *testing.T) {
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv("POSTERN_CHAOS")); err == nil {
		rounds = n
	}
	password := artifacts.Password(t)
	l := &ledger{t: t, password: password, mails: map[string]*mail{}}
	l.server = newServer(t, password, alice, bob, carol)
	for round := range rounds {
		l.server.start()
		if round > 0 {
			l.verify()
		}
		if t.Failed() {
			l.server.kill()
			t.Fatalf("that was kill %d", round)
		}
		l.load(round)
	}
	l.server.start()
	l.verify()
	l.server.stop()
	t.Logf("%d kills; %d messages were sent, %d acknowledged; %d were deleted, %d acknowledged",
		rounds, len(l.mails), l.stored, l.tried, l.deleted)
	if l.stored < rounds || l.deleted == 0 || l.stored == len(l.mails) {
		t.Error("hardly anything was done, or nothing was cut off")
	}
}

// A ledger is what the clients know of their messages, by name.
type ledger struct {
	t        *testing.T
	server   *server
	password string

	mu                     sync.Mutex
	mails                  map[string]*mail
	stored, tried, deleted int
}

type mail struct {
	owner  string
	text   string
	stored bool // its reception was acknowledged
	gone   answer
}

// An answer is known only when it was acknowledged.
type answer int

const (
	no answer = iota
	perhaps
	yes
)

// compose makes a message that is like no other and notes it.
func (l *ledger) compose(owner, name string) *mail {
	size := rand.IntN(6000)
	if rand.IntN(30) == 0 {
		size = 130<<10 + rand.IntN(50<<10)
	}
	line := "a line of " + name + ", and of no other message\r\n"
	m := &mail{owner: owner, text: "From: <sender@example.org>\r\nSubject: " + name + "\r\n\r\n" + strings.Repeat(line, 1+size/len(line))}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mails[name] = m
	return m
}

func (l *ledger) acknowledge(m *mail) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.stored = true
	l.stored++
}

// load keeps the server busy until it is killed.
func (l *ledger) load(round int) {
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { l.deliver(alice, fmt.Sprintf("smtp-%d-%d", round, i)) })
	}
	wg.Go(func() { l.deliver(carol, fmt.Sprintf("pop-%d", round)) })
	for i := range 2 {
		wg.Go(func() { l.append(fmt.Sprintf("imap-%d-%d", round, i)) })
	}
	wg.Go(l.delete)
	timer := time.NewTimer(time.Duration(50+rand.IntN(400)) * time.Millisecond)
	<-timer.C
	l.server.kill()
	wg.Wait()
}

func (l *ledger) deliver(to, name string) {
	w, err := openSMTP(l.server.ports[relay])
	if err != nil {
		return // killed already
	}
	defer w.close()
	for n := 0; ; n++ {
		m := l.compose(to, fmt.Sprint(name, "-", n))
		if w.deliver(to, m.text) != nil {
			return
		}
		l.acknowledge(m)
	}
}

func (l *ledger) append(name string) {
	w, err := openIMAP(l.server.ports[imap], bob, l.password)
	if err != nil {
		return
	}
	defer w.close()
	for n := 0; ; n++ {
		m := l.compose(bob, fmt.Sprint(name, "-", n))
		if w.append(m.text) != nil {
			return
		}
		l.acknowledge(m)
	}
}

// delete deletes three messages in each session, which QUIT makes true.
func (l *ledger) delete() {
	for {
		w, err := openPOP(l.server.ports[pop], carol, l.password)
		if err != nil {
			return
		}
		var chosen []*mail
		for n := 1; n <= 3; n++ {
			header, missing, err := w.top(n)
			if missing {
				break
			}
			if err != nil || w.pop(fmt.Sprint("DELE ", n)) != nil {
				w.close()
				return
			}
			chosen = append(chosen, l.named(header))
		}
		l.deleting(chosen, perhaps)
		err = w.pop("QUIT")
		w.close()
		if err != nil {
			return
		}
		l.deleting(chosen, yes)
	}
}

func (l *ledger) deleting(chosen []*mail, how answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range chosen {
		m.gone = how
		if how == perhaps {
			l.tried++
		} else {
			l.deleted++
		}
	}
}

var subject = regexp.MustCompile(`(?m)^Subject: (\S+)\r?$`)

// named finds a message by its header.
func (l *ledger) named(header string) *mail {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := subject.FindStringSubmatch(header)
	if m == nil || l.mails[m[1]] == nil {
		l.t.Errorf("the server has a message that nobody sent: %.200q", header)
		return &mail{}
	}
	return l.mails[m[1]]
}

// verify reads all mail over IMAP and compares it with the ledger.
func (l *ledger) verify() {
	l.t.Helper()
	times := map[*mail]int{}
	for _, owner := range []string{alice, bob, carol} {
		for _, text := range l.fetch(owner) {
			m := l.named(text)
			times[m]++
			// SMTP puts Return-Path and Received before the submitted bytes.
			if !strings.HasSuffix(text, m.text) || owner == bob && text != m.text || owner != m.owner {
				l.t.Errorf("%s has other bytes than were sent: %.300q", owner, text)
			}
		}
	}
	for name, m := range l.mails {
		switch n := times[m]; {
		case n > 1:
			l.t.Errorf("%s is there %d times", name, n)
		case n == 1 && m.gone == yes:
			l.t.Errorf("%s was deleted and is there", name)
		case n == 0 && m.stored && m.gone == no:
			l.t.Errorf("%s was acknowledged and is not there", name)
		}
		// What was left open is decided now.
		m.stored, m.gone = times[m] == 1, no
		if times[m] == 0 {
			m.gone = yes
		}
	}
}

// fetch returns an account's messages.
func (l *ledger) fetch(owner string) []string {
	l.t.Helper()
	w, err := openIMAP(l.server.ports[imap], owner, l.password)
	if err != nil {
		l.t.Error(err)
		return nil
	}
	defer w.close()
	texts, err := w.imap("UID FETCH 1:* BODY.PEEK[]")
	if err != nil {
		l.t.Error(err)
	}
	return texts
}
