package interop

import (
	"fmt"
	"testing"
)

func TestOfflineimap(t *testing.T) {
	offlineimap := need(t, "offlineimap", "offlineimap3")
	h := serve(t)
	for s, name := range map[service]string{imapTLS: "bob", imapSTARTTLS: "carol"} {
		a, local := h.account(name), replica(h.file(name))
		config := h.write("offlineimaprc-"+name, h.offlineimaprc(s, a, string(local)))
		h.twoWay(a, local, func() { h.run("", offlineimap, "-c", config, "-u", "basic", "-o").must() })
	}
}

func (h *host) offlineimaprc(s service, a account, dir string) string {
	tls := "ssl = yes\nstarttls = no"
	if s.starttls() {
		tls = "ssl = no\nstarttls = yes"
	}
	return fmt.Sprintf("[general]\naccounts = test\nmetadata = %s.state\n"+
		"[Account test]\nlocalrepository = near\nremoterepository = far\n"+
		"[Repository near]\ntype = Maildir\nlocalfolders = %s\n"+
		"[Repository far]\ntype = IMAP\nremotehost = localhost\nremoteport = %s\nremoteuser = %s\nremotepass = %s\n%s\nsslcacertfile = %s\n",
		dir, dir, h.ports[s], a.address, a.password, tls, h.file("ca.pem"))
}
