package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns the two ends of a terminal.
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}

// interrupting interrupts this process when a question is put.
type interrupting struct{ sent bool }

func (i *interrupting) Write(p []byte) (int, error) {
	if !i.sent {
		i.sent = true
		return len(p), unix.Kill(os.Getpid(), unix.SIGINT)
	}
	return len(p), nil
}

// The first Ctrl-C at the question for a password did nothing, and a second one
// left a terminal that showed no typing any more. An interrupt that came before
// the echo was off had it switched off for good.
func TestInterruptAtAQuestion(t *testing.T) {
	_, terminal := openTerminal(t)
	before := settings(t, terminal)
	ask := newDialogue(terminal, new(interrupting))
	if _, err := ask.password("Password: "); !errors.Is(err, errInterrupted) {
		t.Errorf("the question ends with %v", err)
	}
	if after := settings(t, terminal); after != before {
		t.Error("the terminal is not as it was")
	}
}

func TestPasswordAtATerminal(t *testing.T) {
	for keys, want := range map[string]string{
		"s3cret wörd\r": "s3cret wörd",
		"typo\x7fpe\r":  "typpe",
		"half\x03":      "", // Ctrl-C
		"\x04":          "", // Ctrl-D
	} {
		keyboard, terminal := openTerminal(t)
		before := settings(t, terminal)
		out := &typing{keyboard: keyboard, keys: keys}
		got, err := newDialogue(terminal, out).password("Password: ")
		if got.Reveal() != want || (want == "") != errors.Is(err, errInterrupted) {
			t.Errorf("%q: got %q, %v", keys, got.Reveal(), err)
		}
		if !strings.Contains(out.shown, "Password: ") || strings.ContainsAny(strings.TrimPrefix(out.shown, "Password: "), "scrtypoehalf") {
			t.Errorf("%q: the screen shows %q", keys, out.shown)
		}
		if after := settings(t, terminal); after != before {
			t.Errorf("%q: the terminal is not as it was", keys)
		}
	}
}

// typing presses keys when a question is put, and keeps what is shown.
type typing struct {
	keyboard *os.File
	keys     string
	shown    string
}

func (k *typing) Write(p []byte) (int, error) {
	k.shown += string(p)
	keys := k.keys
	k.keys = ""
	if _, err := k.keyboard.WriteString(keys); err != nil {
		return 0, err
	}
	return len(p), nil
}

// settings are how a terminal is set up: echo, line editing, signals.
func settings(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	now, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *now
}
