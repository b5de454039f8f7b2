package lab

import (
	"crypto/tls"
	"fmt"
	"time"

	"postern/internal/pki"
	"postern/internal/wire/ports"
)

var tlsPairs = []pair{
	{
		id: "tl01-starttls-not-offered", fault: "TL01",
		title: "One protocol has only its plain port, and that offers no STARTTLS",
		both:  func(w *world) { w.victims = w.startTLSOnly() },
		breaks: func(w *world) {
			for _, s := range w.victims {
				s.script = s.script.With(withoutStartTLS[s.Protocol])
			}
		},
	},
	{
		id: "tl03-starttls-refused", fault: "TL03",
		title: "One protocol has only its plain port, which offers STARTTLS and refuses it",
		both:  func(w *world) { w.victims = w.startTLSOnly() },
		breaks: func(w *world) {
			for _, s := range w.victims {
				s.script = s.script.With(startTLSCommand[s.Protocol] + "\n  S: " + Pick(w.Rand, refusals[s.Protocol]...))
			}
		},
	},
	{
		id: "tl04-old-tls-only", fault: "TL04",
		title: "The server speaks no TLS newer than 1.1",
		breaks: func(w *world) {
			w.tls.MinVersion = tls.VersionTLS10
			w.tls.MaxVersion = Pick[uint16](w.Rand, tls.VersionTLS10, tls.VersionTLS11)
		},
	},
	{
		id: "tl07-certificate-expired", fault: "TL07",
		title: "The server's certificate has expired",
		breaks: func(w *world) {
			w.leaf.NotAfter = w.now.Add(-w.Between(time.Hour, 300*day))
			w.leaf.NotBefore = w.leaf.NotAfter.Add(-90 * day)
		},
	},
	{
		id: "tl09-certificate-not-yet-valid", fault: "TL09",
		title: "The server's certificate is valid from a later day on",
		breaks: func(w *world) {
			w.leaf.NotBefore = w.now.Add(w.Between(6*time.Hour, 60*day))
			w.leaf.NotAfter = w.leaf.NotBefore.Add(90 * day)
		},
	},
	{
		id: "tl10-certificate-other-name", fault: "TL10",
		title: "The server's certificate is for another name",
		breaks: func(w *world) {
			other := fmt.Sprintf("%s%d.hosting.test", Pick(w.Rand, "srv", "box", "node"), 10+w.rand.IntN(80))
			w.leaf.Names = []string{other}
			if Pick(w.Rand, true, false) { // the name to use instead leads to the same server
				w.extra = append(w.extra, fmt.Sprintf("%s. IN A %s", other, w.v4))
			}
		},
	},
	{
		id: "tl11-certificate-self-signed", fault: "TL11",
		title:  "The server's certificate is signed by itself",
		breaks: func(w *world) { w.issue = pki.SelfSigned },
	},
	{
		id: "tl12-unknown-authority", fault: "TL12",
		title: "The server's certificate comes from an authority that nobody else knows",
		breaks: func(w *world) {
			other, err := pki.NewCA(Pick(w.Rand, "Intranet CA", "Office Root CA", "Company Issuing Authority"),
				w.now.AddDate(-3, 0, 0), w.now.AddDate(7, 0, 0))
			if err != nil {
				w.err = err
				return
			}
			w.issue = other.Issue
		},
	},
	{
		id: "tl17-address-instead-of-name", fault: "TL17",
		title:  "The user types the server's address instead of its name",
		both:   func(w *world) { w.target = w.typed(func() string { return w.host }) },
		breaks: func(w *world) { w.target = w.typed(w.v4.String) },
	},
}

// startTLSOnly leaves one protocol without its implicit TLS port and returns
// what is left of it.
func (w *world) startTLSOnly() []*service {
	p := w.anyProtocol()[0].Protocol
	w.drop(p, ports.TLS)
	return w.of(p)
}

// startTLSCommand is the header of the block that begins TLS.
var startTLSCommand = map[ports.Protocol]string{
	ports.IMAP: "C: {tag} STARTTLS", ports.POP3: "C: STLS", ports.SMTP: "C: STARTTLS",
}

// withoutStartTLS makes a server forget STARTTLS.
var withoutStartTLS = map[ports.Protocol]string{
	ports.IMAP: "let plain-capability = IMAP4rev1 SASL-IR LITERAL+ ID LOGINDISABLED\nC: {tag} STARTTLS\n  S: {tag} BAD Unknown command.",
	ports.POP3: "let starttls = no\nC: STLS\n  S: -ERR Unknown command.",
	ports.SMTP: "let starttls = no\nC: STARTTLS\n  S: 502 5.5.1 Command not implemented",
}
