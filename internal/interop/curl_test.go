package interop

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// url schemes of curl by service; for STARTTLS it needs an option, too.
var curlSchemes = map[service]string{
	imapTLS: "imaps", imapSTARTTLS: "imap", popTLS: "pop3s", popSTARTTLS: "pop3", submitTLS: "smtps", submitSTARTTLS: "smtp",
}

// curl returns the arguments for one service.
func (h *host) curl(s service, a account, path string, more ...string) []string {
	args := []string{"--silent", "--show-error", "--cacert", h.file("ca.pem"), "--user", a.address + ":" + a.password}
	if s.starttls() {
		args = append(args, "--ssl-reqd")
	}
	return append(append(args, more...), curlSchemes[s]+"://localhost:"+h.ports[s]+path)
}

func TestCurlSends(t *testing.T) {
	curl := need(t, "curl", "curl")
	h := serve(t)
	alice, bob := h.account("alice"), h.account("bob")
	for _, s := range []service{submitTLS, submitSTARTTLS} {
		want := alice.from(sample("by " + curlSchemes[s]))
		file := h.write("message", want)
		h.run("", curl, h.curl(s, alice, "", "--mail-from", alice.address, "--mail-rcpt", bob.address, "--upload-file", file)...).must()
		if got := h.newest(bob); got != want {
			t.Errorf("%s: arrived (-want +got):\n%s", s, cmp.Diff(want, got))
		}
	}
}

func TestCurlFetches(t *testing.T) {
	curl := need(t, "curl", "curl")
	h := serve(t)
	bob := h.account("bob")
	h.deliver(bob, sample("one"), sample("two"))
	want := h.mailbox(bob, "INBOX")
	for s, path := range map[service]string{
		imapTLS: "/INBOX;MAILINDEX=2", imapSTARTTLS: "/INBOX;MAILINDEX=2", popTLS: "/2", popSTARTTLS: "/2",
	} {
		if got := h.run("", curl, h.curl(s, bob, path)...).must(); got != want[1].raw {
			t.Errorf("%s: fetched (-want +got):\n%s", s, cmp.Diff(want[1].raw, got))
		}
	}
	for _, s := range []service{imapTLS, imapSTARTTLS} {
		got := h.run("", curl, h.curl(s, bob, "", "--request", `LIST "" *`)...).must()
		for _, mailbox := range []string{"INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"} {
			if !strings.Contains(got, mailbox) {
				t.Errorf("%s: LIST does not tell %s:\n%s", s, mailbox, got)
			}
		}
	}
}

// Curl appends with a literal and looks for it with SEARCH.
func TestCurlAppendsAndSearches(t *testing.T) {
	curl := need(t, "curl", "curl")
	h := serve(t)
	bob := h.account("bob")
	want := sample("kept")
	h.run("", curl, h.curl(imapTLS, bob, "/Drafts", "--upload-file", h.write("message", want))...).must()
	messages := h.mailbox(bob, "Drafts")
	if len(messages) != 1 || messages[0].raw != want {
		t.Fatalf("Drafts has %d messages, want the one that was appended", len(messages))
	}
	got := h.run("", curl, h.curl(imapTLS, bob, "/Drafts?SUBJECT%20kept")...).must()
	if strings.TrimSpace(got) != "* SEARCH 1" {
		t.Errorf("SEARCH SUBJECT kept = %q", got)
	}
}

// Without --ssl-reqd curl goes on in plain text, and the server must not let
// it log in.
func TestCurlCannotLogInWithoutTLS(t *testing.T) {
	curl := need(t, "curl", "curl")
	h := serve(t)
	bob := h.account("bob")
	for _, s := range []service{imapSTARTTLS, popSTARTTLS, submitSTARTTLS} {
		r := h.run("", curl, "--silent", "--show-error", "--user", bob.address+":"+bob.password, "--mail-from", bob.address, "--mail-rcpt", bob.address,
			"--upload-file", h.write("message", sample("x")), curlSchemes[s]+"://localhost:"+h.ports[s])
		if r.err == nil {
			t.Errorf("%s: logged in without TLS:\n%s", s, r.all)
		}
	}
}
