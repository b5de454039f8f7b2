package smtp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCommand(t *testing.T) {
	alice := Address{"alice", "example.com"}
	for _, test := range []struct {
		line string
		want Command
	}{
		{"EHLO client.example.com", Hello{true, "client.example.com"}},
		{"ehlo [192.0.2.1]", Hello{true, "[192.0.2.1]"}},
		{"HELO Marias-PC_2", Hello{false, "Marias-PC_2"}},
		{"MAIL FROM:<>", Mail{}},
		{"MAIL FROM:<alice@example.com>", Mail{From: alice}},
		{"mail from:<alice@example.com> size=1000 body=8bitmime", Mail{From: alice, Size: 1000, Body: Body8BitMIME}},
		{"MAIL FROM: <alice@example.com> BODY=7BIT", Mail{From: alice, Body: Body7Bit}},
		{"MAIL FROM:<alice@example.com> AUTH=bob+40example.com", Mail{From: alice, Auth: "bob@example.com"}},
		{"MAIL FROM:<alice@example.com> AUTH=<>", Mail{From: alice, Auth: "<>"}},
		{"MAIL FROM:<alice@example.com> SIZE=99999999999999999999", Mail{From: alice, Size: 1<<63 - 1}},
		{"RCPT TO:<alice@example.com>", Rcpt{alice}},
		{"RCPT TO: <alice@example.com>  ", Rcpt{alice}},
		{"RCPT TO:<postmaster>", Rcpt{Address{Local: "postmaster"}}},
		{"RCPT TO:<PostMaster>", Rcpt{Address{Local: "PostMaster"}}},
		{"RCPT TO:<@one.example,@two.example:alice@example.com>", Rcpt{alice}},
		{`RCPT TO:<"alice"@example.com>`, Rcpt{alice}},
		{`RCPT TO:<"a b\"c\\d>"@example.com>`, Rcpt{Address{`a b"c\d>`, "example.com"}}},
		{"RCPT TO:<alice@[192.0.2.1]>", Rcpt{Address{"alice", "[192.0.2.1]"}}},
		{"RCPT TO:<alice@[IPv6:2001:db8::1]>", Rcpt{Address{"alice", "[IPv6:2001:db8::1]"}}},
		{"DATA", Simple{Name: DATA}},
		{"data ", Simple{Name: DATA}},
		{"RSET", Simple{Name: RSET}},
		{"NOOP what ever", Simple{NOOP, "what ever"}},
		{"VRFY alice", Simple{VRFY, "alice"}},
		{"EXPN staff", Simple{EXPN, "staff"}},
		{"HELP", Simple{Name: HELP}},
		{"HELP MAIL", Simple{HELP, "MAIL"}},
		{"QUIT", Simple{Name: QUIT}},
		{"STARTTLS", Simple{Name: STARTTLS}},
		{"AUTH PLAIN", Auth{Mechanism: "PLAIN"}},
		{"auth plain AGEAYg==", Auth{"PLAIN", "AGEAYg=="}},
		{"AUTH LOGIN =", Auth{"LOGIN", "="}},
	} {
		got, err := ParseCommand(test.line)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.line, diff)
		}
	}
}

func TestParseCommandRefuses(t *testing.T) {
	long := strings.Repeat("a", 300)
	for _, test := range []struct{ line, reply string }{
		{"", "500 5.5.2"},
		{"WIZ", "500 5.5.2"},
		{"\x16\x03\x01", "500 5.5.2"},
		{"NOOP\x00", "500 5.5.2"},
		{"EHLO b\xfcro", "500 5.6.7"},
		{"RCPT TO:<jos\u00e9@example.com>", "500 5.6.7"},
		{"EHLO", "501 5.5.4"},
		{"EHLO two words", "501 5.5.4"},
		{"EHLO " + long, "501 5.5.4"},
		{"DATA now", "501 5.5.4"},
		{"STARTTLS please", "501 5.5.4"},
		{"VRFY", "501 5.5.4"},
		{"AUTH", "501 5.5.4"},
		{"AUTH PLAIN AGEAYg== more", "501 5.5.4"},
		{"MAIL", "501 5.5.4"},
		{"MAIL TO:<alice@example.com>", "501 5.5.4"},
		{"MAIL FROM:alice@example.com", "501 5.1.7"},
		{"MAIL FROM:<alice>", "501 5.1.7"},
		{"MAIL FROM:<postmaster>", "501 5.1.7"},
		{"MAIL FROM:<alice@example.com", "501 5.1.7"},
		{"MAIL FROM:<alice@example.com>SIZE=1", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> SIZE=-1", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> SIZE=+1", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> SIZE=", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> SIZE", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> BODY=BINARYMIME", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> AUTH=a+4", "501 5.5.4"},
		{"MAIL FROM:<alice@example.com> SMTPUTF8", "555 5.5.4"},
		{"MAIL FROM:<alice@example.com>" + strings.Repeat(" SIZE=1", 17), "501 5.5.4"},
		{"RCPT TO:<>", "501 5.1.3"},
		{"RCPT TO:<alice@>", "501 5.1.3"},
		{"RCPT TO:<@example.com>", "501 5.1.3"},
		{"RCPT TO:<alice@example.com> NOTIFY=NEVER", "555 5.5.4"},
		{"RCPT TO:<alice..b@example.com>", "501 5.1.3"},
		{"RCPT TO:<.alice@example.com>", "501 5.1.3"},
		{"RCPT TO:<alice b@example.com>", "501 5.1.3"},
		{"RCPT TO:<alice@example.com,bob@example.com>", "501 5.1.3"},
		{"RCPT TO:<alice@exam ple.com>", "501 5.1.3"},
		{"RCPT TO:<alice@example..com>", "501 5.1.3"},
		{"RCPT TO:<alice@-example.com>", "501 5.1.3"},
		{"RCPT TO:<alice@[192.0.2]>", "501 5.1.3"},
		{"RCPT TO:<alice@[IPv6:192.0.2.1]>", "501 5.1.3"},
		{"RCPT TO:<alice@[IPv6:fe80::1%eth0]>", "501 5.1.3"},
		{"RCPT TO:<alice@[192.0.2.1>", "501 5.1.3"},
		{`RCPT TO:<"alice@example.com>`, "501 5.1.3"},
		{"RCPT TO:<@one.example:>", "501 5.1.3"},
		{"RCPT TO:<@one.example,alice@example.com>", "501 5.1.3"},
		{"RCPT TO:<" + long[:65] + "@example.com>", "501 5.1.3"},
		{"RCPT TO:<a@" + long[:64] + ".example>", "501 5.1.3"},
		{"RCPT TO:<a@" + strings.Repeat("abc.", 64) + "de>", "501 5.1.3"},
	} {
		_, err := ParseCommand(test.line)
		syntax, ok := err.(*SyntaxError)
		if !ok {
			t.Errorf("%q: error is %v, want a *SyntaxError", test.line, err)
			continue
		}
		if got := syntax.Reply.String(); !strings.HasPrefix(got, test.reply+" ") {
			t.Errorf("%q: reply %q, want %s", test.line, got, test.reply)
		}
	}
}

func TestAddressPrintsAsItWasRead(t *testing.T) {
	for _, s := range []string{
		"alice@example.com", "a.b+c@sub.example.com", `"a b"@example.com`, `""@example.com`,
		`"a\"b\\c"@example.com`, `"a@b"@example.com`, `".a"@example.com`, "alice@[IPv6:2001:db8::1]",
	} {
		a, err := ParseAddress(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
		} else if a.String() != s {
			t.Errorf("%s came back as %s", s, a)
		}
	}
	if got := (Address{}).String(); got != "" {
		t.Errorf("null path prints as %q", got)
	}
	for _, bad := range []string{"", "alice", "alice@example.com>", "alice@example.com x", "a\r\n@example.com"} {
		if a, err := ParseAddress(bad); err == nil {
			t.Errorf("%q was read as %q", bad, a)
		}
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{
		"EHLO [IPv6:::1]", "MAIL FROM:<@a,@b:c@d> SIZE=1 BODY=8BITMIME AUTH=a+40b", `RCPT TO:<"a\"b"@[127.0.0.1]>`,
		"RCPT TO:<Postmaster>", "AUTH PLAIN =", "NOOP \t", "VRFY a", "MAIL FROM:<>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := ParseCommand(line)
		if err != nil {
			syntax, ok := err.(*SyntaxError)
			if !ok || !syntax.Reply.Permanent() {
				t.Fatalf("error is %#v", err)
			}
			return
		}
		var a Address
		switch c := c.(type) {
		case Mail:
			a = c.From
		case Rcpt:
			a = c.To
		}
		if a.Domain == "" {
			return
		}
		// What was accepted must mean the same when it is printed and read again.
		again, err := ParseAddress(a.String())
		if err != nil || again != a {
			t.Fatalf("%#v prints as %q, which reads as %#v (%v)", a, a, again, err)
		}
	})
}
