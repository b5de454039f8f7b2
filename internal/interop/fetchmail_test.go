package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestFetchmail(t *testing.T) {
	fetchmail := need(t, "fetchmail", "fetchmail")
	h := serve(t)
	bob := h.account("bob")
	for _, s := range []service{popTLS, popSTARTTLS, imapTLS, imapSTARTTLS} {
		h.deliver(bob, sample("one"), sample("two"))
		want := h.mailbox(bob, "INBOX")
		protocol, tls := "POP3", "ssl"
		if s == imapTLS || s == imapSTARTTLS {
			protocol = "IMAP"
		}
		if s.starttls() {
			tls = "sslproto TLS1+"
		}
		into := makeMaildir(t, h.file(string(s)))
		config := fmt.Sprintf("set invisible\npoll localhost protocol %s service %s\n"+
			"\tuser \"%s\" password \"%s\" %s sslcertck sslcertfile \"%s\"\n\tmda \"%s\" fetchall no rewrite no keep\n",
			protocol, h.ports[s], bob.address, bob.password, tls, h.file("ca.pem"), h.deliverTo(into))
		h.run("", fetchmail, "--nodetach", "--nosyslog", "--fetchmailrc", h.write("fetchmailrc", config)).must()
		sameMaildir(t, into, want)
		h.arrived(bob, "INBOX")
	}
}

// deliverTo returns a program that puts what it is given into a Maildir.
func (h *host) deliverTo(maildir string) string {
	h.t.Helper()
	script := h.write("deliver", "#!/bin/sh\ncat > \"$(mktemp -p '"+filepath.Join(maildir, "new")+"' XXXXXXXX)\"\n")
	if err := os.Chmod(script, 0o700); err != nil {
		h.t.Fatal(err)
	}
	return script
}
