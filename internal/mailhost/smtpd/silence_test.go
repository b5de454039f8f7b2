package smtpd_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postern/internal/mailhost/door"
	"postern/internal/wire/ports"
)

// TestDrippedMessage: a message of which a byte comes every three minutes once
// held the session until it was whole.
func TestDrippedMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := door.Port{Protocol: ports.SMTP, Security: ports.StartTLS, Role: ports.Relay}
		pieces := strings.Split("EHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"+strings.Repeat("|x", 1000), "|")
		h := newHouse(t, nil)
		got := h.Outlast(port, 170*time.Second, pieces...)
		if !strings.HasPrefix(got.Last, "421 4.3.0 too little came for too long") || got.At > 10*time.Minute {
			t.Errorf("%q after %v", got.Last, got.At)
		}
		h.Must(h.Holds(bob + " 0"))
	})
}

// TestSilence: a client that says nothing is told goodbye, and when, depends on
// who it is (docs/timeouts.md).
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name  string
		role  ports.Role
		said  string
		after time.Duration
	}{
		{"stranger at the port for servers", ports.Relay, "", time.Minute},
		{"server", ports.Relay, "EHLO mx\r\n", 5 * time.Minute},
		{"server in a transaction", ports.Relay, "EHLO mx\r\nMAIL FROM:<>\r\n", 5 * time.Minute},
		{"person before login", ports.Submission, "EHLO c\r\n", time.Minute},
		{"message that stops coming", ports.Relay, "EHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nhalf\r\n", 3 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				port := door.Port{Protocol: ports.SMTP, Security: ports.StartTLS, Role: test.role}
				got := newHouse(t, nil).Outlast(port, 0, test.said)
				if !strings.HasPrefix(got.Last, "421 4.3.0 nothing came for too long") {
					t.Errorf("last words are %q", got.Last)
				}
				if got.At.Round(time.Second) != test.after {
					t.Errorf("goodbye after %v, want %v", got.At, test.after)
				}
			})
		})
	}
}
