package interop

import (
	"fmt"
	"strings"
	"testing"
)

func TestGetmail(t *testing.T) {
	getmail := need(t, "getmail", "getmail6")
	h := serve(t)
	bob := h.account("bob")
	for s, retriever := range map[service]string{popTLS: "SimplePOP3SSLRetriever", imapTLS: "SimpleIMAPSSLRetriever"} {
		h.deliver(bob, sample("one"), sample("two"))
		want := h.mailbox(bob, "INBOX")
		into := makeMaildir(t, h.file(string(s)))
		config := fmt.Sprintf("[retriever]\ntype = %s\nserver = localhost\nport = %s\nusername = %s\npassword = %s\nca_certs = %s\n"+
			"[destination]\ntype = MDA_external\npath = %s\nallow_root_commands = true\n[options]\ndelete = true\ndelivered_to = false\nreceived = false\n",
			retriever, h.ports[s], bob.address, bob.password, h.file("ca.pem"), h.deliverTo(into))
		h.run("", getmail, "--getmaildir", h.dir, "--rcfile", h.write("getmailrc", config)).must()
		if s == imapTLS {
			for i, m := range want { // getmail adds a field
				want[i].raw = strings.Replace(m.raw, "\r\n\r\n", "\r\nX-getmail-retrieved-from-mailbox: INBOX\r\n\r\n", 1)
			}
		}
		sameMaildir(t, into, want)
		h.arrived(bob, "INBOX")
	}
}
