package interop

import (
	"fmt"
	"testing"
)

// Two-way synchronisation: 200 messages from both sides, then changes on both
// sides, and both end with the same mailboxes, messages and flags.
func TestMbsync(t *testing.T) {
	mbsync := need(t, "mbsync", "isync")
	h := serve(t)
	for s, name := range map[service]string{imapTLS: "bob", imapSTARTTLS: "carol"} {
		a, local := h.account(name), replica(h.file(name))
		config := h.write("mbsyncrc-"+name, h.mbsyncrc(s, a, string(local)))
		h.twoWay(a, local, func() { h.run("", mbsync, "--quiet", "--config", config, "--all").must() })
	}
}

func (h *host) mbsyncrc(s service, a account, dir string) string {
	tls := "IMAPS"
	if s.starttls() {
		tls = "STARTTLS"
	}
	return fmt.Sprintf("IMAPStore far\nHost localhost\nPort %s\nUser %s\nPass %s\nSSLType %s\nSystemCertificates no\nCertificateFile %s\n\n"+
		"MaildirStore near\nPath %s/\nInbox %s/INBOX\nSubFolders Verbatim\n\n"+
		"Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nRemove Both\nExpunge Both\nSyncState *\n",
		h.ports[s], a.address, a.password, tls, h.file("ca.pem"), dir, dir)
}
