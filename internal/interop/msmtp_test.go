package interop

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// marlam returns what msmtp and mpop, which have one author, are told of an
// account and a port.
func (h *host) marlam(s service, a account) string {
	starttls := "off"
	if s.starttls() {
		starttls = "on"
	}
	return fmt.Sprintf("account default\nhost localhost\nport %s\nuser %s\npassword %s\ntls on\ntls_starttls %s\ntls_trust_file %s\n",
		h.ports[s], a.address, a.password, starttls, h.file("ca.pem"))
}

func TestMsmtp(t *testing.T) {
	msmtp := need(t, "msmtp", "msmtp")
	h := serve(t)
	alice, bob := h.account("alice"), h.account("bob")
	for _, s := range []service{submitTLS, submitSTARTTLS} {
		for _, mechanism := range []string{"plain", "login"} {
			want := alice.from(sample("by-msmtp-with-" + mechanism))
			config := h.write("msmtprc", h.marlam(s, alice)+"auth "+mechanism+"\nfrom "+alice.address+"\n")
			h.run(lf(want), msmtp, "--file="+config, "--", bob.address).must()
			if got := h.newest(bob); got != want {
				t.Errorf("%s, auth %s: arrived %q, want %q", s, mechanism, got, want)
			}
		}
	}
}

// mpop fetches over POP3, keeps the mail the first time and removes it the
// second time, by UIDL.
func TestMpop(t *testing.T) {
	mpop := need(t, "mpop", "mpop")
	h := serve(t)
	bob := h.account("bob")
	for _, s := range []service{popTLS, popSTARTTLS} {
		h.deliver(bob, sample("one"), sample("two"))
		want := h.mailbox(bob, "INBOX")
		maildir := makeMaildir(t, h.file(string(s)))
		config := h.write("mpoprc", h.marlam(s, bob)+"received_header off\ndelivery maildir "+maildir+"\nuidls_file "+h.file(string(s)+".uidls")+"\n")
		h.run("", mpop, "--file="+config, "--keep=on").must()
		sameMaildir(t, maildir, want)
		h.run("", mpop, "--file="+config, "--keep=off").must()
		sameMaildir(t, maildir, want)
		h.arrived(bob, "INBOX")
	}
}

// makeMaildir makes an empty Maildir.
func makeMaildir(t testing.TB, dir string) string {
	t.Helper()
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// maildir returns the messages of a Maildir, by what they contain.
func maildir(t testing.TB, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "[cn][ue][rw]", "*"))
	if err != nil {
		t.Fatal(err)
	}
	messages := make(map[string]int)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages[string(data)]++
	}
	return messages
}

// sameMaildir checks that a Maildir has the messages of a mailbox, each once,
// with Unix line ends.
func sameMaildir(t testing.TB, dir string, mailbox []stored) {
	t.Helper()
	got := maildir(t, dir)
	for _, m := range mailbox {
		if got[lf(m.raw)] != 1 {
			t.Errorf("%s has a message %d times, want once:\n%q", dir, got[lf(m.raw)], lf(m.raw))
		}
	}
	if len(got) != len(mailbox) {
		t.Errorf("%s has %d messages, want %d:\n%q", dir, len(got), len(mailbox), slices.Sorted(maps.Keys(got)))
	}
}
