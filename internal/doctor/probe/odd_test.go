package probe

import (
	"testing"

	"postern/internal/doctor/evidence"
	"postern/internal/lab/script"
	"postern/internal/wire/ports"
)

// FTP and SMTP both greet with 220: a mail server on a host called ftp was taken
// for a file server. The answer to EHLO decides.
func TestMailServerOnAHostCalledFTP(t *testing.T) {
	h := newHouse(t)
	for _, s := range []ports.Security{ports.TLS, ports.StartTLS} {
		h.open(ports.SMTP, s, script.SMTP().With("let banner = ftp.example.com ready"))
	}
	for _, e := range h.login(credentials(password)) {
		if e.Greeting.Service != "smtp" || e.Protected == nil || len(e.Logins) != 1 || e.Logins[0].Reply.Status != evidence.StatusOK {
			t.Errorf("%s", tell(t, e))
		}
	}
}

// A file server remains one, and hears no STARTTLS.
func TestFileServerOnASubmissionPort(t *testing.T) {
	h := newHouse(t)
	h.open(ports.SMTP, ports.StartTLS, script.FTP())
	for _, e := range h.login(credentials(password)) {
		if e.Greeting.Service != "ftp" || e.StartTLS != nil || len(e.Logins) != 0 {
			t.Errorf("%s", tell(t, e))
		}
	}
}

// A POP3 server that is older than CAPA takes USER and PASS (RFC 1939 §7).
func TestPOP3ServerWithoutCAPATakesALogin(t *testing.T) {
	h := newHouse(t)
	h.users = map[string]string{alice: "battery"} // the script's PASS takes one word
	old := script.POP3().With("C: CAPA\n  S: -ERR Unknown command.")
	for _, s := range []ports.Security{ports.TLS, ports.StartTLS} {
		h.open(ports.POP3, s, old)
	}
	for _, e := range h.login(credentials("battery")) {
		if len(e.Logins) != 1 || e.Logins[0].Mechanism != "USER" || e.Logins[0].Reply == nil || e.Logins[0].Reply.Status != evidence.StatusOK || e.Mailbox == nil {
			t.Errorf("%s", tell(t, e))
		}
	}
}
