package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/internal/mailhost/store"
)

// TestCrash kills a process that is delivering, flagging, moving and expunging
// with several sessions, at random moments. The process writes to a pipe what
// it is going to do and what was acknowledged. Afterwards the data directory
// must hold every acknowledged message, byte for byte and once, and none that
// was acknowledged to be gone.
//
// It shows that the death of the process loses nothing. That fsync is right
// only the power cuts of TestFailingOperationThenPowerCut show.
func TestCrash(t *testing.T) {
	if dir := os.Getenv("POSTERN_CRASH_DIR"); dir != "" {
		crashChild(t, dir)
		return
	}
	rounds := 20
	if n, err := strconv.Atoi(os.Getenv("POSTERN_CHAOS")); err == nil {
		rounds = n
	}
	dir := t.TempDir()
	l := &ledger{mails: map[int]*mail{}}
	for round := range rounds {
		l.round(t, dir, round)
		if t.Failed() {
			t.Fatalf("that was round %d", round)
		}
	}
	t.Logf("%d kills; of %d deliveries %d were acknowledged and %d were not, %d of which are there",
		rounds, len(l.mails), l.acked, len(l.mails)-l.acked, l.extra)
	if l.acked < rounds || l.acked == len(l.mails) {
		t.Error("nothing was cut off, or everything")
	}
}

// A ledger is what the parent knows of the messages.
type ledger struct {
	mails        map[int]*mail
	acked, extra int // for the log
}

type mail struct {
	acked   bool
	gone    answer // whether it was expunged
	flagged answer
}

// An answer is known only when it was acknowledged.
type answer int

const (
	no answer = iota
	perhaps
	yes
)

// round runs a child until it is killed, and looks at what it leaves.
func (l *ledger) round(t *testing.T, dir string, round int) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrash$", "-test.v=false")
	cmd.Env = append(os.Environ(), "POSTERN_CRASH_DIR="+dir, fmt.Sprint("POSTERN_CRASH_ROUND=", round), "TMPDIR="+t.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	for n := 0; lines.Scan(); n++ {
		if n == 0 { // it is at work
			kill.Reset(time.Duration(rand.IntN(250)) * time.Millisecond)
		}
		l.note(t, lines.Text())
	}
	cmd.Wait()
	kill.Stop()
	if cmd.ProcessState.Exited() {
		t.Fatalf("the child ended by itself: %v", cmd.ProcessState)
	}
	l.verify(t, dir)
}

// note reads a line of the child: what, to which message.
func (l *ledger) note(t *testing.T, line string) {
	what, number, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("the child says %q", line)
	}
	m := l.mails[n]
	switch what {
	case "deliver":
		l.mails[n] = &mail{}
	case "delivered":
		m.acked = true
		l.acked++
	case "flag":
		m.flagged = perhaps
	case "flagged":
		m.flagged = yes
	case "expunge":
		m.gone = perhaps
	case "expunged":
		m.gone = yes
	case "move", "moved": // it must be somewhere, once
	default:
		t.Fatalf("the child says %q", line)
	}
}

// verify compares what the store holds with the ledger.
func (l *ledger) verify(t *testing.T, dir string) {
	w, err := openWorld(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.s.Close(); err != nil {
			t.Error(err)
		}
	}()
	held, err := observe(w)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := miscounted(w.s); wrong != "" {
		t.Error(wrong)
	}
	times, flagged := map[int]int{}, map[int]bool{}
	for _, b := range held.boxes {
		for _, m := range b.mails {
			n := crashNumber(m.text)
			if m.text != crashMessage(n) {
				t.Errorf("message %d has other bytes: %s", n, firstLine(m.text))
			}
			times[n]++
			flagged[n] = strings.Contains(m.flags, `\Flagged`)
		}
	}
	for n, m := range l.mails {
		switch {
		case times[n] > 1:
			t.Errorf("message %d is there %d times", n, times[n])
		case times[n] == 1 && m.gone == yes:
			t.Errorf("message %d was expunged and is there", n)
		case times[n] == 0 && m.acked && m.gone == no:
			t.Errorf("message %d was acknowledged and is not there", n)
		case times[n] == 1 && m.flagged != perhaps && flagged[n] != (m.flagged == yes):
			t.Errorf("message %d: flagged is %v", n, flagged[n])
		}
		// What was left open is decided now.
		if times[n] == 1 && !m.acked {
			m.acked = true
			l.extra++
		}
		m.gone, m.flagged = no, no
		if times[n] == 0 {
			m.gone = yes
		}
		if flagged[n] {
			m.flagged = yes
		}
	}
	for n := range times {
		if l.mails[n] == nil {
			t.Errorf("message %d was never delivered", n)
		}
	}
}

// crashMessage is the text of message n: its number decides all.
func crashMessage(n int) string {
	rnd := rand.New(rand.NewPCG(uint64(n), 1))
	size := 100 + rnd.IntN(4000)
	if rnd.IntN(40) == 0 {
		size = 130<<10 + rnd.IntN(100<<10)
	}
	return testMessage(n, size)
}

func crashNumber(text string) int {
	var n int
	if i := strings.Index(text, "Subject: number "); i >= 0 {
		fmt.Sscanf(text[i:], "Subject: number %d", &n)
	}
	return n
}

// crashChild works until it is killed.
func crashChild(t *testing.T, dir string) {
	w, err := openWorld(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.found("INBOX", "Archive"); err != nil {
		t.Fatal(err)
	}
	round, err := strconv.Atoi(os.Getenv("POSTERN_CRASH_ROUND"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var next atomic.Int64
	next.Store(int64(round) * 1_000_000)
	for range 8 {
		wg.Go(func() {
			for {
				if err := w.crashWork(int(next.Add(1))); err != nil {
					t.Error(err)
					os.Exit(3)
				}
			}
		})
	}
	wg.Wait()
}

// say tells the parent. The pipe keeps it when this process is dead.
func say(what string, n int) {
	os.Stdout.WriteString(what + " " + strconv.Itoa(n) + "\n")
}

// crashWork delivers a message, and then does something with it.
func (w *world) crashWork(n int) error {
	ctx := context.Background()
	inbox, err := w.box("INBOX")
	if err != nil {
		return err
	}
	say("deliver", n)
	uid, err := deliverStep("INBOX", crashMessage(n), "").store(w)
	if err != nil {
		return err
	}
	say("delivered", n)
	number, err := strconv.Atoi(uid)
	if err != nil {
		return err
	}
	uids := []store.UID{store.UID(number)}
	switch rand.IntN(5) {
	case 0:
		say("flag", n)
		if _, err := w.s.SetFlags(ctx, inbox, uids, store.FlagChange{Flags: store.Flagged}); err != nil {
			return err
		}
		say("flagged", n)
	case 1:
		archive, err := w.box("Archive")
		if err != nil {
			return err
		}
		say("move", n)
		if _, err := w.s.Move(ctx, inbox, uids, archive); err != nil {
			return err
		}
		say("moved", n)
	case 2:
		say("expunge", n)
		if _, err := w.s.Expunge(ctx, inbox, uids, false); err != nil {
			return err
		}
		say("expunged", n)
	}
	return nil
}
