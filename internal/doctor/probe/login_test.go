package probe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/doctor/evidence"
	"postern/internal/lab/script"
	"postern/internal/wire/ports"
)

// TestWrongPasswordCostsTwoLogins: a run with a wrong password may not lock the
// account, however many ports there are.
func TestWrongPasswordCostsTwoLogins(t *testing.T) {
	h := newHouse(t)
	h.everything()
	h.everything()
	endpoints := h.login(credentials("wrong"))
	counts := h.counter.Counts()
	if counts.Failed != 2 || counts.Logins != 2 || counts.PeakSessions > 2 {
		t.Errorf("the servers counted %+v", counts)
	}
	var users []string
	for _, e := range endpoints {
		for _, l := range e.Logins {
			users = append(users, l.User)
			if e.Protocol != ports.IMAP || e.Security != ports.TLS || l.Reply.Status != evidence.StatusPermanent || l.Reply.Detail != "AUTHENTICATIONFAILED" {
				t.Errorf("%s", tell(t, e))
			}
		}
	}
	if diff := cmp.Diff([]string{alice, "alice"}, users); diff != "" {
		t.Error(diff)
	}
	if skipped := skips(endpoints)[1:]; !only(skipped, evidence.SkipRejected) {
		t.Errorf("skipped: %q", skipped)
	}
	noSecret(t, endpoints, "wrong\x00")
}

func TestOtherFormOfTheUserName(t *testing.T) {
	h := newHouse(t)
	h.users = map[string]string{"alice": password}
	h.everything()
	endpoints := h.login(credentials(password))
	for i, e := range endpoints {
		want := []string{"alice"}
		if i == 0 { // the first login of the run
			want = []string{alice, "alice"}
		}
		var users []string
		for _, l := range e.Logins {
			users = append(users, l.User)
		}
		if diff := cmp.Diff(want, users); diff != "" {
			t.Errorf("%s %s: %s", e.Protocol, e.Security, diff)
		}
	}
	if counts := h.counter.Counts(); counts.Failed != 1 {
		t.Errorf("the servers counted %+v", counts)
	}
}

func TestPasswordGoesToProvenServersOnly(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name    string
		change  func(*house)
		allowed bool
	}{
		{"other name", func(h *house) { h.leaf.Names = []string{"other.example.test"} }, false},
		{"self-signed", func(h *house) { h.selfMade = true }, false},
		{"unknown issuer", func(h *house) { h.ca = newHouse(h.t).ca }, false},
		{"expired", func(h *house) { h.leaf.NotBefore, h.leaf.NotAfter = time.Now().Add(-20*day), time.Now().Add(-day) }, true},
		{"not yet valid", func(h *house) { h.leaf.NotBefore, h.leaf.NotAfter = time.Now().Add(day), time.Now().Add(20*day) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			trusted := h.options()
			c.change(h)
			h.everything()
			Look(t.Context(), h.endpoints, trusted)
			Login(t.Context(), h.endpoints, credentials(password), trusted)
			skipped := skips(h.endpoints)
			if logins := h.counter.Counts().Logins; c.allowed != (logins == 6) || c.allowed != only(skipped, "") || !c.allowed && !only(skipped, evidence.SkipNotSafe) {
				t.Errorf("%d logins, skipped %q", logins, skipped)
			}
			insist := credentials(password)
			insist.Insecure = true
			Login(t.Context(), h.endpoints, insist, trusted)
			if skipped := skips(h.endpoints); !only(skipped, "") {
				t.Errorf("the user insisted; skipped %q", skipped)
			}
		})
	}
}

func TestPlaintextLoginOnlyIfTheUserInsists(t *testing.T) {
	h := newHouse(t)
	h.open(ports.POP3, ports.StartTLS, script.POP3().With(`let starttls = no
C: CAPA
  S: +OK
  S: USER
  S: .
C: USER {user}
  S: +OK
C: PASS {password}
  login {user} {password}
  no  S: -ERR no
  yes S: +OK
`))
	if e := h.login(credentials("battery"))[0]; e.Skipped != evidence.SkipNotSafe || h.counter.Counts().Logins != 0 {
		t.Error(tell(t, e))
	}
	h.users[alice] = "battery"
	insist := credentials("battery")
	insist.Insecure = true
	Login(t.Context(), h.endpoints, insist, h.options())
	if e := h.endpoints[0]; e.Skipped != "" || len(e.Logins) != 1 || e.Logins[0].Reply.Status != evidence.StatusOK || e.Mailbox == nil {
		t.Error(tell(t, e))
	}
}

func TestLockedMailboxKeepsOtherProtocolsOpen(t *testing.T) {
	h := newHouse(t)
	locked := script.POP3().With("let welcome = -ERR [IN-USE] locked by another session")
	h.open(ports.POP3, ports.TLS, locked)
	h.open(ports.POP3, ports.StartTLS, locked)
	h.open(ports.SMTP, ports.TLS, script.SMTP())
	endpoints := h.login(credentials(password))
	if e := endpoints[0]; len(e.Logins) != 1 || e.Logins[0].Reply.Detail != "IN-USE" || e.Logins[0].Reply.Status != evidence.StatusTemporary {
		t.Error(tell(t, e))
	}
	if diff := cmp.Diff([]string{"", evidence.SkipRejected, ""}, skips(endpoints)); diff != "" {
		t.Error(diff)
	}
}

func TestRefusalOfOneProtocolIsNotTheLast(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.TLS, script.IMAP())
	h.open(ports.POP3, ports.TLS, script.POP3().With("let welcome = -ERR POP3 is switched off for this account"))
	h.open(ports.POP3, ports.StartTLS, script.POP3())
	h.open(ports.SMTP, ports.TLS, script.SMTP())
	endpoints := h.login(credentials(password))
	if diff := cmp.Diff([]string{"", "", evidence.SkipRejected, ""}, skips(endpoints)); diff != "" {
		t.Error(diff)
	}
	if e := endpoints[3]; len(e.Logins) != 1 || e.Logins[0].Reply.Status != evidence.StatusOK {
		t.Error(tell(t, e))
	}
}

func TestOrderOfLogins(t *testing.T) {
	h := newHouse(t)
	h.everything()
	order := func(named int) []string {
		var list []string
		for _, e := range inOrder(h.endpoints, named) {
			list = append(list, string(e.Protocol)+" "+string(e.Security))
		}
		return list
	}
	best := []string{"imap tls", "imap starttls", "pop3 tls", "pop3 starttls", "smtp tls", "smtp starttls"}
	if diff := cmp.Diff(best, order(0)); diff != "" {
		t.Error(diff)
	}
	named := []string{"smtp starttls", "imap tls", "imap starttls", "pop3 tls", "pop3 starttls", "smtp tls"}
	if diff := cmp.Diff(named, order(h.endpoints[5].Port)); diff != "" {
		t.Error(diff)
	}
}

func TestEachPortIsLoggedInToOnce(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.TLS, script.IMAP())
	h.endpoints = append(h.endpoints, h.endpoints[0]) // the same port at another address
	relay := h.endpoints[0]
	relay.Role = ports.Relay
	h.endpoints = append(h.endpoints, relay)
	if diff := cmp.Diff([]string{"", evidence.SkipSamePort, evidence.SkipRelay}, skips(h.login(credentials(password)))); diff != "" {
		t.Error(diff)
	}
}

func TestNoLoginWithoutCredentialsOrMechanism(t *testing.T) {
	h := newHouse(t)
	h.open(ports.SMTP, ports.TLS, script.SMTP().With("C: EHLO {client}\n  S: 250-{host}\n  S: 250 AUTH XOAUTH2\n"))
	if e := h.login(credentials(password))[0]; e.Skipped != evidence.SkipNotOffered {
		t.Error(tell(t, e))
	}
	Login(t.Context(), h.endpoints, Credentials{}, h.options())
	if e := h.endpoints[0]; e.Skipped != evidence.SkipNoCredentials {
		t.Error(tell(t, e))
	}
}
