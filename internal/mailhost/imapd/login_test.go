package imapd

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"postern/internal/mailhost/activity"
)

// A failed login is answered with the session's id, and kept with the same.
func TestFailedLoginIsKept(t *testing.T) {
	h := newHost(t)
	for _, c := range []struct {
		port, command, mechanism, account, fault string
		outcome                                  activity.Outcome
	}{
		{"imaps", "LOGIN alice@example.com wrong", "LOGIN", "alice@example.com", "AU01", activity.Rejected},
		{"imaps", "LOGIN nobody@example.com wrong", "LOGIN", "nobody@example.com", "AU01", activity.Rejected},
		{"imaps", "AUTHENTICATE PLAIN AGEAYg==", "PLAIN", "a", "AU01", activity.Rejected},
		{"imap", "LOGIN alice@example.com wrong", "LOGIN", "alice@example.com", "GW09", activity.Refused},
		{"imap", "AUTHENTICATE PLAIN AGEAYg==", "PLAIN", "", "GW09", activity.Refused},
		{"imaps", "AUTHENTICATE CRAM-MD5", "CRAM-MD5", "", "AU11", activity.Refused},
		{"imap", "AUTHENTICATE CRAM-MD5", "CRAM-MD5", "", "GW09", activity.Refused},
	} {
		conn, err := h.dial(c.port)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "a %s\r\nb LOGOUT\r\n", c.command)
		said, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		kept := <-h.attempts
		if kept.Outcome != c.outcome || string(kept.Fault) != c.fault || kept.Account != c.account || kept.Mechanism != c.mechanism {
			t.Errorf("%s: kept as %+v", c.command, kept)
		}
		for line := range strings.Lines(string(said)) {
			if strings.HasPrefix(line, "a ") && !strings.Contains(line, "(session "+kept.Session+")") {
				t.Errorf("%s: answered with %q, but kept under session %s", c.command, line, kept.Session)
			}
		}
	}
}

// A login that works is kept, too.
func TestLoginIsKept(t *testing.T) {
	h := newHost(t)
	c := newClient(t, h, "A")
	defer c.Close()
	if kept := <-h.attempts; kept.Outcome != activity.LoggedIn || kept.Account != alice || kept.TLS == "" {
		t.Errorf("kept as %+v", kept)
	}
}
