package imapd

import (
	"strings"
	"testing"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/door"
)

// A failed login is answered with the session's id, and kept with the same.
func TestFailedLoginIsKept(t *testing.T) {
	h := newHost(t)
	for _, c := range []struct {
		port                               door.Port
		command, mechanism, account, fault string
		outcome                            activity.Outcome
	}{
		{implicit, "LOGIN alice@example.com wrong", "LOGIN", "alice@example.com", "AU01", activity.Rejected},
		{implicit, "LOGIN nobody@example.com wrong", "LOGIN", "nobody@example.com", "AU01", activity.Rejected},
		{implicit, "AUTHENTICATE PLAIN AGEAYg==", "PLAIN", "a", "AU01", activity.Rejected},
		{startTLS, "LOGIN alice@example.com wrong", "LOGIN", "alice@example.com", "GW09", activity.Refused},
		{startTLS, "AUTHENTICATE PLAIN AGEAYg==", "PLAIN", "", "GW09", activity.Refused},
		{implicit, "AUTHENTICATE CRAM-MD5", "CRAM-MD5", "", "AU11", activity.Refused},
		{startTLS, "AUTHENTICATE CRAM-MD5", "CRAM-MD5", "", "GW09", activity.Refused},
	} {
		client := h.Talk(t, c.port)
		client.Line() // the greeting
		client.Say("a " + c.command + "\r\n")
		answer := client.Line()
		client.Close()
		kept := h.Attempts.Last()
		if kept.Outcome != c.outcome || string(kept.Fault) != c.fault || kept.Account != c.account || kept.Mechanism != c.mechanism {
			t.Errorf("%s: kept as %+v", c.command, kept)
		}
		if !strings.HasPrefix(answer, "a NO ") || !strings.HasSuffix(answer, "(session "+kept.Session+")") {
			t.Errorf("%s: answered with %q, but kept under session %s", c.command, answer, kept.Session)
		}
	}
}

// A login that works is kept, too.
func TestLoginIsKept(t *testing.T) {
	h := newHost(t)
	c := newClient(t, h, "A")
	defer c.Close()
	if kept := h.Attempts.Last(); kept.Outcome != activity.LoggedIn || kept.Account != alice || kept.TLS == "" {
		t.Errorf("kept as %+v", kept)
	}
}
