package interop

import (
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"fmt"
	"net/smtp"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
)

//go:embed testdata/message.eml
var messageTemplate string

// sample returns a message with an attachment, words that are not ASCII, and
// lines of dots. Its lines end in CRLF.
func sample(subject string) string { return strings.ReplaceAll(messageTemplate, "{SUBJECT}", subject) }

// lf returns a message as programs on Unix keep it.
func lf(message string) string { return strings.ReplaceAll(message, "\r\n", "\n") }

// trust returns a TLS configuration that trusts the host's authority alone.
func (h *host) trust() *tls.Config {
	h.t.Helper()
	pem, err := os.ReadFile(h.file("ca.pem"))
	if err != nil {
		h.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: pool, ServerName: "localhost"}
}

// deliver hands messages to an account as another mail server does.
func (h *host) deliver(to account, messages ...string) {
	h.t.Helper()
	c, err := smtp.Dial("127.0.0.1:" + h.ports[smtpRelay])
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	for _, m := range messages {
		err := c.Mail("alice@elsewhere.test")
		if err == nil {
			err = c.Rcpt(to.address)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		w, err := c.Data()
		if err != nil {
			h.t.Fatal(err)
		}
		fmt.Fprint(w, m)
		if err := w.Close(); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := c.Quit(); err != nil {
		h.t.Fatal(err)
	}
}

// open returns a session of an account over IMAP, which ends with the test.
func (h *host) open(a account, options *imapclient.Options) *imapclient.Client {
	h.t.Helper()
	if options == nil {
		options = new(imapclient.Options)
	}
	options.TLSConfig = h.trust()
	c, err := imapclient.DialTLS("localhost:"+h.ports[imapTLS], options)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	if err := c.Login(a.address, a.password).Wait(); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// stored is a message in a mailbox.
type stored struct {
	uid   imap.UID
	flags []imap.Flag
	raw   string
}

// mailbox returns the messages of a mailbox in the order of their UIDs.
func (h *host) mailbox(a account, name string) []stored {
	h.t.Helper()
	c := h.open(a, nil)
	defer func() { c.Logout().Wait() }()
	selected, err := c.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		h.t.Fatal(err)
	}
	if selected.NumMessages == 0 {
		return nil
	}
	all := imap.SeqSet{}
	all.AddRange(1, 0)
	whole := &imap.FetchItemBodySection{Peek: true}
	fetched, err := c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	if err != nil {
		h.t.Fatal(err)
	}
	var messages []stored
	for _, m := range fetched {
		messages = append(messages, stored{m.UID, m.Flags, string(m.FindBodySection(whole))})
	}
	return messages
}

// trace matches what the server puts before a message.
var trace = regexp.MustCompile(`^Return-Path: <[^\r\n]*>\r\nReceived: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n`)

// submitted returns what the sender had handed over of a stored message.
func submitted(t testing.TB, raw string) string {
	t.Helper()
	head := trace.FindString(raw)
	if head == "" {
		t.Fatalf("a message does not begin with Return-Path and Received:\n%.500s", raw)
	}
	return raw[len(head):]
}

// arrived checks that a mailbox has exactly these messages, as they were
// handed over.
func (h *host) arrived(a account, mailbox string, want ...string) {
	h.t.Helper()
	var got []string
	for _, m := range h.mailbox(a, mailbox) {
		got = append(got, submitted(h.t, m.raw))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("%s of %s differs (-want +got):\n%s", mailbox, a.address, diff)
	}
}

// from returns the message as that account may send it.
func (a account) from(message string) string {
	return strings.ReplaceAll(message, "alice@elsewhere.test", a.address)
}

// newest returns what was handed over of the newest message in the INBOX.
func (h *host) newest(a account) string {
	h.t.Helper()
	messages := h.mailbox(a, "INBOX")
	if len(messages) == 0 {
		h.t.Fatalf("nothing arrived for %s", a.address)
	}
	return submitted(h.t, messages[len(messages)-1].raw)
}

// starttls reports whether a service begins in plain text.
func (s service) starttls() bool { return strings.Contains(string(s), "starttls") }
