package interop

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"postern/internal/wire/message"
)

// muttrc returns the path of a configuration for one account.
func (h *host) muttrc(a account) string {
	return h.write("muttrc", fmt.Sprintf(`set from=%q use_from=yes realname="Alice Ärcher" envelope_from_address=%q use_envelope_from=no
set smtp_pass=%q
set imap_user=%q imap_pass=%q pop_user=%q pop_pass=%q
set ssl_ca_certificates_file=%q ssl_force_tls=yes ssl_starttls=yes folder=%q auto_tag=yes
set charset=utf-8 send_charset="us-ascii:utf-8" copy=no record="" mbox_type=Maildir
set confirmappend=no confirmcreate=no quit=yes delete=yes move=no wait_key=no pop_checkinterval=0 pop_delete=no sleep_time=0
`, a.address, a.address, a.password, a.address, a.password, a.address, a.password, h.file("ca.pem"), h.dir))
}

func TestMuttSends(t *testing.T) {
	mutt := need(t, "mutt", "mutt")
	h := serve(t)
	alice, bob := h.account("alice"), h.account("bob")
	config := h.muttrc(alice)
	text, data := "Schöne Grüße.\n.\nFrom mutt.\n", "\x00\x01\xfe\xff binary\r\n"
	for _, port := range []service{submitTLS, submitSTARTTLS} {
		url := fmt.Sprintf("set smtp_url=smtps://%s@localhost:%s", strings.ReplaceAll(alice.address, "@", "%40"), h.ports[port])
		if port.starttls() {
			url = strings.Replace(url, "smtps:", "smtp:", 1)
		}
		h.run(text, mutt, "-F", config, "-e", url, "-s", "Grüße", "-a", h.write("data.bin", data), "--", bob.address).must()

		raw := h.newest(bob)
		r := strings.NewReader(raw)
		root, err := message.Parse(r, r.Size())
		if err != nil || len(root.Parts) != 2 {
			t.Fatalf("%s: arrived with %d parts, %v:\n%s", port, len(root.Parts), err, raw)
		}
		if got := message.DecodeWords(root.Envelope.Subject.Value); got != "Grüße" {
			t.Errorf("%s: subject %q", port, got)
		}
		if got := content(t, root.Parts[0].Text(r)); got != strings.ReplaceAll(text, "\n", "\r\n") {
			t.Errorf("%s: text %q", port, got)
		}
		if got := content(t, root.Parts[1].Content(r)); got != data {
			t.Errorf("%s: attachment %q", port, got)
		}
	}
}

func content(t testing.TB, r io.Reader) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// mutt, driven by the keys a user would press, copies all messages to a local
// mailbox and flags the first one.
func TestMuttReads(t *testing.T) {
	mutt, script := need(t, "mutt", "mutt"), need(t, "script", "bsdutils")
	h := serve(t)
	bob := h.account("bob")
	h.deliver(bob, sample("one"), sample("two"))
	want := h.mailbox(bob, "INBOX")
	for i, m := range want { // mutt adds fields when it copies
		body := m.raw[strings.Index(m.raw, "\r\n\r\n")+4:]
		want[i].raw = strings.Replace(m.raw, "\r\n\r\n", fmt.Sprintf("\r\nContent-Length: %d\r\nLines: %d\r\n\r\n", len(lf(body)), strings.Count(body, "\n")), 1)
	}
	config := h.muttrc(bob)
	for s, scheme := range map[service]string{imapTLS: "imaps", imapSTARTTLS: "imap", popTLS: "pops", popSTARTTLS: "pop"} {
		url := fmt.Sprintf("%s://%s@localhost:%s/", scheme, strings.ReplaceAll(bob.address, "@", "%40"), h.ports[s])
		keys := "<tag-pattern>~A<enter><copy-message>" + h.file("copied-"+scheme) + "<enter><untag-pattern>~A<enter><first-entry><set-flag>!<sync-mailbox><exit>"
		// mutt wants a terminal; script is one.
		command := fmt.Sprintf("%s -F %s -f %s -e 'push %s'", mutt, config, url, keys)
		h.run("", script, "--quiet", "--return", "--command", command, "/dev/null").must()
		sameMaildir(t, h.file("copied-"+scheme), want)
	}
	if flags := h.mailbox(bob, "INBOX")[0].flags; !strings.Contains(fmt.Sprint(flags), `\Flagged`) {
		t.Errorf("the first message has flags %v, want \\Flagged among them", flags)
	}
}
