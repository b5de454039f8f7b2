package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"postern/internal/fault"
	"postern/internal/lab/leakcheck"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/store"
	"postern/internal/wire/message"
	"postern/internal/wire/smtp"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

// people is a directory of alice and of nobody else; every question fails when
// there is an error in it.
type people struct{ err error }

const aliceID = 7

func (p people) Resolve(_ context.Context, address string) (directory.Recipient, error) {
	local, domain, _ := strings.Cut(address, "@")
	switch {
	case p.err != nil:
		return directory.Recipient{}, p.err
	case domain != "example.com":
		return directory.Recipient{}, directory.ErrNotLocal
	case local != "alice":
		return directory.Recipient{}, directory.ErrNoSuchUser
	}
	return directory.Recipient{Address: address, Account: aliceID, Inbox: 70}, nil
}

func (p people) Owns(_ context.Context, account store.AccountID, address string) (bool, error) {
	return account == aliceID && strings.EqualFold(address, "alice@example.com"), p.err
}

func (p people) Local(_ context.Context, domain string) (bool, error) {
	return domain == "example.com", p.err
}

var (
	server   = Client{}
	stranger = Client{Submission: true, TLS: "TLS 1.3"}
	alice    = Client{Submission: true, TLS: "TLS 1.3", Account: &directory.Account{ID: aliceID, Address: "alice@example.com"}}
)

func TestSender(t *testing.T) {
	d := New(Options{Directory: people{}})
	for _, test := range []struct {
		who  Client
		from string
		want fault.ID
	}{
		{server, "", ""},
		{server, "alice@example.com", ""},
		{server, "carol@other.example", ""},
		{stranger, "", ""},
		{stranger, "carol@other.example", ""},
		{stranger, "alice@example.com", "CL15"},
		{stranger, "nobody@example.com", "CL15"},
		{Client{Submission: true}, "alice@example.com", "GW09"},
		{Client{Submission: true}, "carol@other.example", ""},
		{alice, "", ""},
		{alice, "alice@example.com", ""},
		{alice, "bob@example.com", "OU02"},
		{alice, "carol@other.example", "OU02"},
	} {
		local, domain, _ := strings.Cut(test.from, "@")
		err := d.Sender(context.Background(), test.who, smtp.Address{Local: local, Domain: domain})
		if got := fault.Of(err); got != test.want || (err == nil) != (test.want == "") {
			t.Errorf("%+v from <%s>: %v, want %q", test.who, test.from, err, test.want)
		}
	}
}

func TestRecipient(t *testing.T) {
	for _, test := range []struct {
		postmaster, to string
		want           fault.ID
	}{
		{"", "alice@example.com", ""},
		{"", "bob@example.com", "OU04"},
		{"", "carol@other.example", "OU01"},
		{"", "postmaster@example.com", "OU04"},
		{"", "Postmaster", "OU04"},
		{"alice@example.com", "postmaster@example.com", ""},
		{"alice@example.com", "POSTMASTER@example.com", ""},
		{"alice@example.com", "Postmaster", ""},
		{"alice@example.com", "postmaster@other.example", "OU01"},
		{"alice@example.com", "bob@example.com", "OU04"},
	} {
		d := New(Options{Directory: people{}, Postmaster: test.postmaster})
		local, domain, _ := strings.Cut(test.to, "@")
		got, err := d.Recipient(context.Background(), server, smtp.Address{Local: local, Domain: domain})
		if fault.Of(err) != test.want || (err == nil) != (test.want == "") {
			t.Errorf("<%s>, postmaster %q: %v, want %q", test.to, test.postmaster, err, test.want)
		}
		if err == nil && got.inbox != 70 {
			t.Errorf("<%s> goes to mailbox %d", test.to, got.inbox)
		}
	}
}

// TestDirectoryFails: what can't be looked up now is no refusal for ever.
func TestDirectoryFails(t *testing.T) {
	down := errors.New("disk is on fire")
	d := New(Options{Directory: people{down}})
	address := smtp.Address{Local: "alice", Domain: "example.com"}
	_, recipient := d.Recipient(context.Background(), alice, address)
	for name, err := range map[string]error{
		"sender":    d.Sender(context.Background(), alice, address),
		"recipient": recipient,
		"author":    d.author(context.Background(), stranger, strings.NewReader("From: alice@example.com\r\n\r\n")),
	} {
		var e *fault.Error
		if !errors.As(err, &e) || !e.Temporary || !errors.Is(err, down) || strings.Contains(e.Client, "fire") {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func TestAuthor(t *testing.T) {
	own := "alice@example.com"
	for _, test := range []struct {
		name, header   string
		asAlice, asAny fault.ID // for alice, and for one who has not logged in
	}{
		{"own", "From: " + own, "", "CL15"},
		{"foreign", "From: carol@other.example", "OU02", ""},
		{"none", "Subject: x", "OU02", "OU02"},
		{"two", "From: " + own + "\r\nfrom: " + own, "OU02", "OU02"},
		{"obsolete space", "From : " + own + "\r\nFrom: " + own, "OU02", "OU02"},
		{"folded", "From:\r\n Alice\r\n\t<" + own + ">", "", "CL15"},
		{"own and foreign", "From: " + own + ", carol@other.example", "OU02", "CL15"},
		{"foreign behind a group", "From: us: " + own + ";, carol@other.example", "OU02", "CL15"},
		{"empty group", "From: us:;", "OU02", "OU02"},
		{"no address", "From: Alice", "OU02", ""},
		{"name looks like an address", `From: "carol@other.example" <` + own + ">", "", "CL15"},
		{"comment looks like an address", "From: " + own + " (carol@other.example)", "", "CL15"},
		{"encoded at sign", "From: =?us-ascii?q?alice=40example.com?= <carol@other.example>", "OU02", ""},
		{"many", "From: " + strings.Repeat(own+", ", 50) + own, "", "CL15"},
		{"too long", "From: " + strings.Repeat(own+",\r\n ", 500) + own, "OU02", "OU02"},
		// The white space fills what is read of a field, and is then trimmed.
		{"beyond what is read", "From: " + own + strings.Repeat(" ", message.MaxField) + ", carol@other.example", "OU02", "OU02"},
		{"behind the header", "Subject: x\r\n\r\nFrom: " + own, "OU02", "OU02"},
		// Where programs differ in which of two addresses they show, both count.
		{"two in brackets", "From: <" + own + "> <carol@other.example>", "OU02", "CL15"},
		{"address before the brackets", "From: carol@other.example <" + own + ">", "OU02", "CL15"},
		{"own address before the brackets", "From: " + own + " <" + own + ">", "", "CL15"},
		{"quoted address before the brackets", `From: "carol"@other.example <` + own + ">", "OU02", "CL15"},
		{"two without a comma", "From: carol@other.example " + own, "OU02", "CL15"},
		{"comment without an end", `From: carol@other.example(\) <` + own + ">", "OU02", "CL15"},
		{"group with an address for a name", "From: carol@other.example: " + own + ";", "OU02", "CL15"},
		{"source route", "From: <@other.example:" + own + ">", "OU02", "CL15"},
		{"spaces around the at sign", "From: alice @ example.com", "", "CL15"},
		{"at sign in a name", "From: Alice @Work <" + own + ">", "", "CL15"},
		{"behind more groups than are read", "From: " + own + "," + strings.Repeat("g:", 2600) + ";carol@other.example", "OU02", "OU02"},
		{"own Sender", "From: " + own + "\r\nSender: " + own, "", "CL15"},
		{"foreign Sender", "From: " + own + "\r\nSender: carol@other.example", "OU02", "CL15"},
		{"foreign Sender first", "Sender: Carol <carol@other.example>\r\nFrom: " + own, "OU02", "CL15"},
		{"empty Sender", "From: " + own + "\r\nSender:", "", "CL15"},
	} {
		for who, want := range map[*Client]fault.ID{&alice: test.asAlice, &stranger: test.asAny, &server: ""} {
			err := New(Options{Directory: people{}}).author(context.Background(), *who, strings.NewReader(test.header+"\r\n\r\n"))
			if got := fault.Of(err); got != want || (err == nil) != (want == "") {
				t.Errorf("%s, account %v, submission %t: %v, want %q", test.name, who.Account, who.Submission, err, want)
			}
		}
	}
}

func TestHops(t *testing.T) {
	for n, header := range map[int]string{
		0: "Subject: x\r\n\r\nReceived: in the body\r\n",
		2: "Received: a\r\nX: y\r\nRECEIVED: b\r\n\r\n",
	} {
		if got, err := countHops(strings.NewReader(header)); got != n || err != nil {
			t.Errorf("%q has %d hops, %v", header, got, err)
		}
	}
}

func TestMailboxesAreListedOnce(t *testing.T) {
	m := &Message{envelope: Envelope{To: []Recipient{{inbox: 1}, {inbox: 2}, {inbox: 1}}}}
	if got := fmt.Sprint(m.mailboxes()[0].Mailbox, m.mailboxes()[1].Mailbox, len(m.mailboxes())); got != "1 2 2" {
		t.Errorf("mailboxes are %s", got)
	}
}
