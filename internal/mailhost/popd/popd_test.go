package popd_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"postern/internal/lab/dialogue"
	"postern/internal/lab/leakcheck"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

func TestDialogues(t *testing.T) {
	for _, file := range dialogue.Files(t, "testdata/*.txt") {
		t.Run(dialogue.Name(file), func(t *testing.T) {
			newHouse(t).stage().Play(t, file)
		})
	}
}

// TestListingIsNeverCut: a mailbox with more messages than some servers list
// is listed whole, and its totals agree.
func TestListingIsNeverCut(t *testing.T) {
	h := newHouse(t)
	const messages = 600
	for n := range messages {
		h.Must(h.deliver(fmt.Sprintf("%s %q", alice, fmt.Sprintf("Subject: %03d\r\n\r\n", n))))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "connect 995\ntls\nS: +OK …\nC: AUTH PLAIN «plain»\nS: +OK %d messages (%d octets)\n", messages, messages*16)
	fmt.Fprintf(&text, "C: LIST\nC: UIDL\nS: +OK …\n")
	for n := range messages {
		fmt.Fprintf(&text, "S: %d 16\n", n+1)
	}
	text.WriteString("S: .\nS: +OK …\n")
	for n := range messages {
		fmt.Fprintf(&text, "S: %d M…\n", n+1)
	}
	text.WriteString("S: .\nC: QUIT\nS: +OK …\nend\n")
	if line, err := h.stage().Run(text.String()); err != nil {
		t.Errorf("line %d: %v", line, err)
	}
}

// TestUpdateFails: QUIT does not say +OK when what was marked is still there.
func TestUpdateFails(t *testing.T) {
	h := newHouse(t)
	h.Must(h.deliver(alice + ` "a: b\r\n\r\n"`))
	stage := h.stage()
	stage.Steps["remove-account"] = func(string) error { return h.Directory.RemoveAccount(context.Background(), alice) }
	line, err := stage.Run("connect 995\ntls\nS: +OK …\nC: AUTH PLAIN «plain»\nS: +OK 1 messages …\nC: DELE 1\nS: +OK …\n" +
		"remove-account\nC: QUIT\nS: -ERR [SYS/TEMP] the marked messages could not be removed; they are still there (session …)\nend\n")
	if err != nil {
		t.Errorf("line %d: %v", line, err)
	}
}

// TestTooManyErrors: whoever makes nothing but mistakes is sent away.
func TestTooManyErrors(t *testing.T) {
	line, err := newHouse(t).stage().Run("connect 995\ntls\nS: +OK …\n" + strings.Repeat("C: WHAT\n", 20) +
		strings.Repeat("S: -ERR unknown command\n", 20) + "S: -ERR [SYS/TEMP] too many errors (session …)\nend\n")
	if err != nil {
		t.Errorf("line %d: %v", line, err)
	}
}

// TestLargeMessage: a message of many buffers comes out byte for byte.
func TestLargeMessage(t *testing.T) {
	h := newHouse(t)
	body := strings.Repeat(strings.Repeat("x", 70)+"\r\n.\r\n", 5000)
	h.Must(h.deliver(fmt.Sprintf("%s %q", alice, body)))
	text := "connect 995\ntls\nS: +OK …\nC: AUTH PLAIN «plain»\nS: +OK …\nC: RETR 1\nS: +OK …\n" +
		strings.Repeat("S: "+strings.Repeat("x", 70)+"\nS: ..\n", 5000) + "S: .\nC: QUIT\nS: +OK …\nend\n"
	if line, err := h.stage().Run(text); err != nil {
		t.Errorf("line %d: %v", line, err)
	}
}
