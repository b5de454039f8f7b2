package imapd

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/mailhost/door"
)

// A literal of which a byte comes every three minutes once held the session
// until it was whole: a message, or before login one tiny literal after the
// other.
func TestDrippedLiteral(t *testing.T) {
	for name, said := range map[string]string{
		"before login": "a LOGIN {1+}\r\n|x {1+}\r\n" + strings.Repeat("|y {1+}\r\n", 1000),
		"APPEND":       "a «login»\r\nb APPEND INBOX {1000+}\r\n" + strings.Repeat("|x", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t)
				pieces := strings.Split(strings.ReplaceAll(said, "«login»", h.logIn()), "|")
				got := h.Outlast(implicit, 50*time.Second, pieces...)
				if !strings.Contains(got.Last, "too little came for too long") || got.At > 10*time.Minute {
					t.Errorf("%q after %v", got.Last, got.At)
				}
			})
		})
	}
}

// A client that says nothing is told so when its time is over: a minute before
// login, half an hour after (RFC 3501 §5.4), and the same in IDLE, where clients
// come back every 29 minutes (RFC 2177 §3).
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		name, said string
		patience   time.Duration
	}{
		{"before login", "", door.BeforeLogin},
		{"after login", "a «login»\r\n", door.CommandIMAP},
		{"in IDLE", "a «login»\r\nb SELECT INBOX\r\nc IDLE\r\n", door.CommandIMAP},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t)
				got := h.Outlast(implicit, 0, strings.ReplaceAll(c.said, "«login»", h.logIn()))
				if got.At.Round(time.Second) != c.patience {
					t.Errorf("ended after %v, want %v", got.At, c.patience)
				}
				if !strings.HasPrefix(got.Last, "* BYE ") || !strings.Contains(got.Last, "closing the connection") {
					t.Errorf("ended with %q", got.Last)
				}
			})
		})
	}
}
