package interop

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python runs one of the scripts in testdata on a port. They import nothing
// but Python's standard library.
func (h *host) python(script string, s service, a account, more ...string) result {
	h.t.Helper()
	file, err := filepath.Abs(filepath.Join("testdata", script))
	if err != nil {
		h.t.Fatal(err)
	}
	starttls := "tls"
	if s.starttls() {
		starttls = "starttls"
	}
	args := append([]string{file, h.file("ca.pem"), h.ports[s], starttls, a.address, a.password}, more...)
	return h.run("", need(h.t, "python3", "python3"), args...)
}

func TestSmtplib(t *testing.T) {
	h := serve(t)
	alice, bob := h.account("alice"), h.account("bob")
	for _, s := range []service{submitTLS, submitSTARTTLS} {
		want := alice.from(sample("by-smtplib"))
		h.python("smtplib_send.py", s, alice, bob.address, h.write("message", want)).must()
		if got := h.newest(bob); got != want {
			t.Errorf("%s: arrived (-want +got):\n%s", s, cmp.Diff(want, got))
		}
	}
}

// The script checks STAT, LIST, UIDL, TOP, RETR, DELE and RSET against each
// other, and prints the messages; then it deletes the first.
func TestPoplib(t *testing.T) {
	h := serve(t)
	bob := h.account("bob")
	for _, s := range []service{popTLS, popSTARTTLS} {
		h.deliver(bob, sample("one"))
		h.deliver(bob, sample("two"))
		want := h.mailbox(bob, "INBOX")
		printed := h.python("poplib_fetch.py", s, bob).must()
		if diff := cmp.Diff(want[0].raw+want[1].raw, printed); diff != "" {
			t.Errorf("%s: fetched (-want +got):\n%s", s, diff)
		}
		h.arrived(bob, "INBOX", sample("two"))
		h.python("poplib_fetch.py", s, bob, "all").must()
		h.arrived(bob, "INBOX")
	}
}

// The script appends, fetches, searches, flags, copies, moves and expunges, and
// checks each answer.
func TestImaplib(t *testing.T) {
	h := serve(t)
	for s, name := range map[service]string{imapTLS: "bob", imapSTARTTLS: "carol"} {
		a := h.account(name)
		h.python("imaplib_use.py", s, a, h.write("message", sample("kept"))).must()
		messages := h.mailbox(a, "Archive")
		if len(messages) != 1 || messages[0].raw != sample("kept") {
			t.Errorf("%s: Archive has %d messages, want the one that was copied there", s, len(messages))
		}
	}
}
