package interop

import (
	"strings"
	"testing"
)

// swaks returns the arguments for one port.
func (h *host) swaks(s service, more ...string) []string {
	args := []string{"--server", "localhost", "--port", h.ports[s], "--tls-verify", "--tls-ca-path", h.file("ca.pem"), "--auth-hide-password"}
	if s == submitTLS {
		args = append(args, "--tls-on-connect")
	} else {
		args = append(args, "--tls")
	}
	return append(args, more...)
}

// swaksData writes a message for swaks, which ends it with a line break of its
// own.
func (h *host) swaksData(message string) string {
	return h.write("message", strings.TrimSuffix(lf(message), "\n"))
}

func TestSwaksSubmits(t *testing.T) {
	swaks := need(t, "swaks", "swaks")
	h := serve(t)
	alice, bob := h.account("alice"), h.account("bob")
	for _, s := range []service{submitTLS, submitSTARTTLS} {
		for _, mechanism := range []string{"PLAIN", "LOGIN"} {
			want := alice.from(sample("by-swaks-with-" + mechanism))
			h.run("", swaks, h.swaks(s, "--auth", mechanism, "--auth-user", alice.address, "--auth-password", alice.password,
				"--from", alice.address, "--to", bob.address, "--data", "@"+h.swaksData(want))...).must()
			if got := h.newest(bob); got != want {
				t.Errorf("%s, AUTH %s: arrived %q, want %q", s, mechanism, got, want)
			}
		}
	}
}

// The port for other mail servers takes mail for its own domains, by PIPELINING
// and to several recipients, and no other.
func TestSwaksRelays(t *testing.T) {
	swaks := need(t, "swaks", "swaks")
	h := serve(t)
	alice, bob := h.account("alice"), h.account("bob")
	want := sample("from-another-server")
	h.run("", swaks, h.swaks(smtpRelay, "--pipeline", "--from", "alice@elsewhere.test", "--to", bob.address+","+alice.address,
		"--data", "@"+h.swaksData(want))...).must()
	h.arrived(bob, "INBOX", want)
	h.arrived(alice, "INBOX", want)

	r := h.run("", swaks, h.swaks(smtpRelay, "--from", "alice@elsewhere.test", "--to", "someone@foreign.test")...)
	if r.err == nil || !strings.Contains(r.all, "<~* 550 5.7.1 ") {
		t.Errorf("a foreign recipient was not refused with 550 5.7.1:\n%s", r.all)
	}
}

func TestSwaksWrongPassword(t *testing.T) {
	swaks := need(t, "swaks", "swaks")
	h := serve(t)
	alice := h.account("alice")
	r := h.run("", swaks, h.swaks(submitTLS, "--auth", "PLAIN", "--auth-user", alice.address, "--auth-password", "not it", "--from", alice.address, "--to", alice.address)...)
	if r.err == nil || !strings.Contains(r.all, "<~* 535 5.7.8 ") {
		t.Errorf("a wrong password was not refused with 535 5.7.8:\n%s", r.all)
	}
}
