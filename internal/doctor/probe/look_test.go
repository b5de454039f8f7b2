package probe

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"postern/internal/doctor/evidence"
	"postern/internal/lab/script"
	"postern/internal/wire/ports"
)

func TestHealthyHouse(t *testing.T) {
	h := newHouse(t)
	h.everything()
	for _, e := range h.login(credentials(password)) {
		begins := e.Security == ports.TLS
		switch {
		case e.Connect.Failure != nil, e.Retried != nil, e.End != nil, e.Hello != nil,
			e.Greeting == nil || e.Greeting.Reply == nil || e.Greeting.Reply.Status != evidence.StatusOK,
			e.Greeting.Service != string(e.Protocol),
			begins != (e.Plain == nil), begins != (e.StartTLS == nil),
			!begins && (!e.StartTLS.Offered || !e.StartTLS.Asked || e.StartTLS.Reply.Status != evidence.StatusOK),
			e.TLS == nil || e.TLS.Failure != nil || e.TLS.Trust != evidence.Trusted || !e.TLS.Chain[0].Covers(host),
			e.TLS.Version != "TLS 1.3" || e.TLS.ServerName != host,
			e.Protected == nil || len(e.Protected.Keywords) == 0,
			e.Skipped != "" || len(e.Logins) != 1 || e.Logins[0].Reply.Status != evidence.StatusOK || e.Logins[0].User != alice,
			(e.Protocol == ports.SMTP) != (e.Mailbox == nil),
			e.Mailbox != nil && e.Mailbox.Reply.Status != evidence.StatusOK:
			t.Errorf("%s", tell(t, e))
		}
	}
	noSecret(t, h.endpoints, password)
	if counts := h.counter.Counts(); counts.Failed != 0 || counts.Logins != 6 || counts.PeakSessions > perAddress {
		t.Errorf("the servers counted %+v", counts)
	}
}

// TestConnectionThatBreaksOff: what ends before a word is tried once more.
func TestConnectionThatBreaksOff(t *testing.T) {
	for _, c := range []struct {
		steps   string
		kind    evidence.FailureKind
		tlsKind evidence.TLSFailureKind
	}{
		{"connect\n  reset\n", evidence.Reset, evidence.TLSReset},
		{"connect\n  close\n", evidence.Closed, evidence.TLSClosed},
	} {
		h := newHouse(t)
		h.open(ports.IMAP, ports.StartTLS, script.Parse(c.steps))
		// A server that breaks off before TLS is one that has none.
		encrypted := *h.open(ports.IMAP, ports.StartTLS, script.Parse(c.steps))
		encrypted.Security = ports.TLS
		h.endpoints[1] = encrypted
		h.look()
		plain := &h.endpoints[0]
		if plain.Connect.Failure != nil || plain.Retried == nil || plain.Retried.Kind != c.kind ||
			plain.Greeting == nil || plain.Greeting.Failure == nil || plain.Greeting.Failure.Kind != c.kind {
			t.Errorf("%s: %s", c.kind, tell(t, *plain))
		}
		encrypted = h.endpoints[1]
		viaTLS := encrypted.TLS != nil && encrypted.TLS.Failure != nil && encrypted.TLS.Failure.Kind == c.tlsKind
		atOnce := encrypted.Greeting != nil && encrypted.Greeting.Failure != nil && encrypted.Greeting.Failure.Kind == c.kind
		if encrypted.Retried == nil || !viaTLS && !atOnce {
			t.Errorf("%s: %s", c.kind, tell(t, encrypted))
		}
	}
}

func TestClosedPort(t *testing.T) {
	h := newHouse(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	h.endpoints = []evidence.Endpoint{{
		Host: host, Address: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port,
		Protocol: ports.IMAP, Security: ports.TLS, Role: ports.Access,
	}}
	e := h.login(credentials(password))[0]
	if f := e.Connect.Failure; f == nil || f.Kind != evidence.Refused || f.Errno != "ECONNREFUSED" ||
		e.Greeting != nil || e.TLS != nil || e.Skipped != evidence.SkipNotReached {
		t.Error(tell(t, e))
	}
}

func TestSilentPort(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.StartTLS, script.Parse("connect\n  silent\n"))
	opts := h.options()
	opts.Limits.Greeting, opts.Limits.Late, opts.Limits.Reply = 20*time.Millisecond, 40*time.Millisecond, 10*time.Millisecond
	Look(t.Context(), h.endpoints, opts)
	e := h.endpoints[0]
	if g := e.Greeting; g == nil || g.Failure == nil || g.Failure.Kind != evidence.Timeout || g.Text != "" || g.Took < 60 ||
		e.Hello == nil || e.Hello.TLS.Failure == nil || e.Hello.TLS.Failure.Kind != evidence.TLSTimeout {
		t.Error(tell(t, e))
	}
}

// TestSilentPortThatSpeaksTLS: a second connection finds out, long before a
// late greeting would have to be given up.
func TestSilentPortThatSpeaksTLS(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.TLS, script.IMAP())
	h.endpoints[0].Security = ports.StartTLS
	opts := h.options()
	opts.Limits.Greeting, opts.Limits.Late = 20*time.Millisecond, time.Hour
	Look(t.Context(), h.endpoints, opts)
	e := h.endpoints[0]
	if g := e.Greeting; g == nil || g.Failure == nil || g.Failure.Kind != evidence.Timeout ||
		e.Hello == nil || e.Hello.TLS.Failure != nil || e.Hello.TLS.Trust != evidence.Trusted {
		t.Error(tell(t, e))
	}
}

func TestLateGreeting(t *testing.T) {
	h := newHouse(t)
	h.open(ports.SMTP, ports.StartTLS, script.SMTP().With("let pause = 300ms"))
	e := h.look()[0]
	if g := e.Greeting; g == nil || g.Failure != nil || g.Took < 300 || e.Hello != nil || e.Protected == nil {
		t.Error(tell(t, e))
	}
}

func TestGreetingsThatEndTheSession(t *testing.T) {
	for text, want := range map[string]evidence.Greeting{
		"421 4.3.2 too busy": {Service: "smtp", Reply: &evidence.Reply{Status: "closing", Code: "421"}},
		"554 no service":     {Service: "smtp", Reply: &evidence.Reply{Status: "permanent", Code: "554"}},
		"* BYE too many":     {Service: "imap"},
		"HTTP/1.1 200 OK":    {Service: "http"},
		"SSH-2.0-OpenSSH":    {Service: "ssh"},
		"complete nonsense":  {Service: "text"},
	} {
		h := newHouse(t)
		h.open(ports.SMTP, ports.StartTLS, script.Parse("connect\n  S: "+text+"\n  silent\n"))
		e := h.look()[0]
		g := e.Greeting
		if g == nil || g.Failure != nil || g.Service != want.Service || g.Text != text || e.Plain != nil ||
			want.Reply != nil && (g.Reply == nil || g.Reply.Status != want.Reply.Status || g.Reply.Code != want.Reply.Code) {
			t.Errorf("%s: %s", text, tell(t, e))
		}
	}
}

func TestTextOnATLSPort(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.StartTLS, script.IMAP())
	h.endpoints[0].Security = ports.TLS
	e := h.look()[0]
	if e.TLS == nil || e.TLS.Failure == nil || e.TLS.Failure.Kind != evidence.TLSNotTLS || e.TLS.Failure.Service != "imap" ||
		!strings.HasPrefix(e.TLS.Failure.Received, "* OK ") || e.TLS.Versions != nil {
		t.Error(tell(t, e))
	}
}

func TestOldTLSOnly(t *testing.T) {
	for _, security := range []ports.Security{ports.TLS, ports.StartTLS} {
		h := newHouse(t)
		h.versions = [2]uint16{tls.VersionTLS10, tls.VersionTLS11}
		h.open(ports.POP3, security, script.POP3())
		e := h.login(credentials(password))[0]
		if e.TLS == nil || e.TLS.Failure == nil || e.TLS.Failure.Kind != evidence.TLSAlert || e.TLS.Failure.Alert != 70 {
			t.Fatal(tell(t, e))
		}
		want := []evidence.VersionTry{{Version: "TLS 1.2", Alert: 70}, {Version: "TLS 1.1", Accepted: true}}
		if len(e.TLS.Versions) != 2 || e.TLS.Versions[0] != want[0] || e.TLS.Versions[1] != want[1] || e.Skipped != evidence.SkipNotReached {
			t.Error(tell(t, e))
		}
	}
}

func TestSTARTTLSMissingOrRefused(t *testing.T) {
	h := newHouse(t)
	h.open(ports.SMTP, ports.StartTLS, script.SMTP().With("let starttls = no"))
	h.open(ports.SMTP, ports.StartTLS, script.SMTP().With("C: STARTTLS\n  S: 454 4.7.0 TLS not available\n"))
	h.login(credentials(password))
	if e := h.endpoints[0]; e.StartTLS == nil || e.StartTLS.Offered || e.StartTLS.Asked || e.TLS != nil || e.End != nil || e.Skipped != evidence.SkipNotSafe {
		t.Errorf("not offered: %s", tell(t, e))
	}
	if e := h.endpoints[1]; e.StartTLS == nil || !e.StartTLS.Offered || e.StartTLS.Reply == nil || e.StartTLS.Reply.Code != "454" || e.TLS != nil || e.Skipped != evidence.SkipNotSafe {
		t.Errorf("refused: %s", tell(t, e))
	}
	if counts := h.counter.Counts(); counts.Logins != 0 {
		t.Errorf("the servers counted %+v", counts)
	}
}

func TestInjectedTextIsKept(t *testing.T) {
	h := newHouse(t)
	h.open(ports.SMTP, ports.StartTLS, script.SMTP().With("C: STARTTLS\n  raw \"220 go\\r\\n250 injected\\r\\n\"\n  starttls\n"))
	e := h.look()[0]
	if e.StartTLS == nil || e.StartTLS.Injected != `250 injected\x0d\x0a` || e.Protected == nil || e.Protected.Failure != nil {
		t.Error(tell(t, e))
	}
}

func TestSessionThatIsCut(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.TLS, script.IMAP().With("C: {tag} CAPABILITY\n  close\n"))
	e := h.look()[0]
	if e.Protected == nil || e.Protected.Failure == nil || e.End == nil || e.End.Failure.Kind != evidence.Closed || e.End.After != evidence.StepGreet {
		t.Error(tell(t, e))
	}
}

func TestPortThatTellsNothing(t *testing.T) {
	h := newHouse(t)
	h.open(ports.POP3, ports.StartTLS, script.POP3())
	h.open(ports.SMTP, ports.StartTLS, script.SMTP().With("connect\n  S: 220-first line\n  S: 220 {host} ESMTP\n"))
	h.open(ports.IMAP, ports.TLS, script.IMAP())
	h.open(ports.IMAP, ports.StartTLS, script.Parse("connect\n  reset\n"))
	want := []evidence.Endpoint{
		{Protocol: ports.POP3, Security: ports.StartTLS},
		{Protocol: ports.SMTP, Security: ports.StartTLS},
		{Protocol: ports.IMAP, Security: ports.TLS},
		{Protocol: "", Security: ""},
	}
	for i := range h.endpoints {
		h.endpoints[i].Protocol, h.endpoints[i].Security, h.endpoints[i].Role = "", "", ""
	}
	h.login(credentials(password))
	for i, e := range h.endpoints {
		reached := e.Protected != nil && e.Protected.Failure == nil && len(e.Logins) == 1
		if e.Protocol != want[i].Protocol || e.Security != want[i].Security || reached != (e.Protocol != "") {
			t.Errorf("expected %s %s: %s", want[i].Protocol, want[i].Security, tell(t, e))
		}
	}
	if g := h.endpoints[3].Greeting; g == nil || g.Failure == nil || g.Failure.Kind != evidence.Reset {
		t.Error(tell(t, h.endpoints[3]))
	}
}

func TestRunThatEnds(t *testing.T) {
	h := newHouse(t)
	h.open(ports.IMAP, ports.StartTLS, script.Parse("connect\n  silent\n"))
	h.open(ports.IMAP, ports.TLS, script.IMAP())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	opts := h.options()
	opts.Limits = DefaultLimits
	Look(ctx, h.endpoints, opts)
	Login(ctx, h.endpoints, credentials(password), opts)
	if e := h.endpoints[0]; e.Greeting != nil || e.Hello != nil {
		t.Errorf("what the end of the run cut short is no silence: %s", tell(t, h.endpoints[0]))
	}
	if e := h.endpoints[1]; e.Protected == nil || e.Skipped != evidence.SkipStopped {
		t.Errorf("what was seen is kept: %s", tell(t, e))
	}
}
