package pop3

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCommand(t *testing.T) {
	for _, test := range []struct {
		line string
		want Command
	}{
		{"USER alice@example.com", Command{Verb: USER, Text: "alice@example.com"}},
		{"user alice", Command{Verb: USER, Text: "alice"}},
		{"PASS two words ", Command{Verb: PASS, Text: "two words "}},
		{"PASS  leading", Command{Verb: PASS, Text: " leading"}},
		{"PASS p\u00e4ssword", Command{Verb: PASS, Text: "p\u00e4ssword"}},
		{"AUTH", Command{Verb: AUTH}},
		{"AUTH plain", Command{Verb: AUTH, Mechanism: "PLAIN"}},
		{"AUTH PLAIN AGEAYg==", Command{Verb: AUTH, Mechanism: "PLAIN", Initial: "AGEAYg=="}},
		{"AUTH PLAIN =", Command{Verb: AUTH, Mechanism: "PLAIN", Initial: "="}},
		{"STLS", Command{Verb: STLS}},
		{"CAPA", Command{Verb: CAPA}},
		{"capa ", Command{Verb: CAPA}},
		{"STAT", Command{Verb: STAT}},
		{"LIST", Command{Verb: LIST}},
		{"LIST ", Command{Verb: LIST}},
		{"LIST 3", Command{Verb: LIST, Message: 3}},
		{"UIDL", Command{Verb: UIDL}},
		{"UIDL 12", Command{Verb: UIDL, Message: 12}},
		{"RETR 1", Command{Verb: RETR, Message: 1}},
		{"RETR 99999999999999999999", Command{Verb: RETR, Message: 1<<31 - 1}},
		{"DELE 007", Command{Verb: DELE, Message: 7}},
		{"TOP 1 0", Command{Verb: TOP, Message: 1}},
		{"TOP 2 10", Command{Verb: TOP, Message: 2, Lines: 10}},
		{"NOOP", Command{Verb: NOOP}},
		{"RSET", Command{Verb: RSET}},
		{"QUIT", Command{Verb: QUIT}},
	} {
		got, err := ParseCommand(test.line)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
		} else if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.line, diff)
		}
	}
}

func TestParseCommandRefuses(t *testing.T) {
	for _, test := range []struct {
		line    string
		unknown bool
	}{
		{"", true}, {" ", true}, {"APOP alice c4c9334bac560ecc979e58001b3e22fb", true}, {"EHLO x", true}, {"a1 LOGIN", true},
		{"USER", false}, {"USER ", false}, {"PASS", false}, {"PASS a\x00b", false}, {"USER a\x07", false},
		{"AUTH PLAIN a b", false}, {"STAT 1", false}, {"QUIT now", false}, {"CAPA all", false}, {"STLS now", false},
		{"LIST 0", false}, {"LIST -1", false}, {"LIST 1 2", false}, {"LIST one", false}, {"UIDL +1", false},
		{"RETR", false}, {"RETR 0", false}, {"RETR 1 2", false}, {"DELE", false}, {"DELE x", false},
		{"TOP 1", false}, {"TOP 1 -1", false}, {"TOP 0 1", false}, {"TOP 1 2 3", false},
	} {
		c, err := ParseCommand(test.line)
		syntax, ok := err.(*SyntaxError)
		switch {
		case !ok:
			t.Errorf("%q was read as %+v, error %v", test.line, c, err)
		case syntax.Unknown != test.unknown || syntax.Text == "":
			t.Errorf("%q: %+v, want unknown %t", test.line, syntax, test.unknown)
		case c != Command{}:
			t.Errorf("%q: command is %+v beside the error", test.line, c)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		status Status
		line   string
	}{
		{OK(""), "+OK"},
		{OK("2 messages"), "+OK 2 messages"},
		{Err("", "no such message"), "-ERR no such message"},
		{Err(CodeInUse, "busy"), "-ERR [IN-USE] busy"},
		{Err(CodeSysTemp, ""), "-ERR [SYS/TEMP]"},
	} {
		if got := test.status.String(); got != test.line+"\r\n" {
			t.Errorf("%+v prints as %q", test.status, got)
		}
		if got, err := ParseStatus(test.line); err != nil || got != test.status {
			t.Errorf("%q reads as %+v, %v", test.line, got, err)
		}
	}
	for line, want := range map[string]Status{
		"+ok Hi":                OK("Hi"),
		"-err [auth] bad":       Err(CodeAuth, "bad"),
		"+OK [not a code] x":    OK("[not a code] x"),
		"+OK []":                OK("[]"),
		"+OK <1.2@example.com>": OK("<1.2@example.com>"),
	} {
		if got, err := ParseStatus(line); err != nil || got != want {
			t.Errorf("%q reads as %+v, %v; want %+v", line, got, err, want)
		}
	}
	for _, line := range []string{"", "OK", "+", "* OK", "220 hi", "+OKAY"} {
		if got, err := ParseStatus(line); err == nil {
			t.Errorf("%q reads as %+v", line, got)
		}
	}
	for text, want := range map[string]string{
		"evil\r\n+OK":            "-ERR evil??+OK\r\n",
		strings.Repeat("x", 600): "-ERR " + strings.Repeat("x", 505) + "\r\n",
	} {
		if got := Err("", text).String(); got != want {
			t.Errorf("%.20q prints as %q", text, got)
		}
	}
}

func TestListings(t *testing.T) {
	if got, err := ParseTotals("2 320"); err != nil || got != (Totals{2, 320}) {
		t.Errorf("totals are %+v, %v", got, err)
	}
	if n, size, err := ParseSize("1 120 extra"); err != nil || n != 1 || size != 120 {
		t.Errorf("size is %d, %d, %v", n, size, err)
	}
	if n, uid, err := ParseUID("2 QhdPYR:00WBw1Ph7x7"); err != nil || n != 2 || uid != "QhdPYR:00WBw1Ph7x7" {
		t.Errorf("uid is %d, %q, %v", n, uid, err)
	}
	for _, bad := range []string{"", "1", "a b", "1 -5", "-1 5", "1 99999999999999999999"} {
		if _, err := ParseTotals(bad); err == nil {
			t.Errorf("%q passed for totals", bad)
		}
	}
	for _, bad := range []string{"", "1", "x y", "1 " + strings.Repeat("u", 71)} {
		if _, _, err := ParseUID(bad); err == nil {
			t.Errorf("%q passed for a unique-id", bad)
		}
	}
	got := ParseCapability("sasl PLAIN LOGIN")
	if diff := cmp.Diff(Capability{"SASL", []string{"PLAIN", "LOGIN"}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := ParseCapability(""); got.Keyword != "" {
		t.Errorf("an empty line is %+v", got)
	}
}

func TestBodyWriter(t *testing.T) {
	for body, want := range map[string]string{
		"":                 ".\r\n",
		"a\r\n":            "a\r\n.\r\n",
		"a":                "a\r\n.\r\n",
		".\r\n":            "..\r\n.\r\n",
		"a\r\n.b\r\n..":    "a\r\n..b\r\n...\r\n.\r\n",
		"bare\n.\nlf\n":    "bare\n..\nlf\n\r\n.\r\n",
		"bare\r.\rcr":      "bare\r.\rcr\r\n.\r\n",
		"cut at the cr\r":  "cut at the cr\r\r\n.\r\n",
		"\r\n":             "\r\n.\r\n",
		"\xff\x00.\r\n.\n": "\xff\x00.\r\n..\n\r\n.\r\n",
	} {
		for _, step := range []int{1, 2, 100} {
			if got := writeBody(t, body, step); got != want {
				t.Errorf("%q, %d at a time: %q, want %q", body, step, got, want)
			}
		}
	}
}

// FuzzBodyWriter checks that any body comes back whole from a client that
// reads lines up to CRLF, or up to LF, and that neither sees an early end.
func FuzzBodyWriter(f *testing.F) {
	f.Add("a\r\n.\r\n")
	f.Add("\n.\n.\r\r\n")
	f.Fuzz(func(t *testing.T, body string) {
		wire := writeBody(t, body, 3)
		for _, end := range []string{"\r\n", "\n"} {
			lines := strings.Split(strings.TrimSuffix(wire, end), end)
			for i, line := range lines {
				_, last := Unstuff(strings.TrimSuffix(line, "\r"))
				if last != (i == len(lines)-1) {
					t.Fatalf("%q: with lines ending in %q the end is at line %d of %d", wire, end, i, len(lines))
				}
			}
		}
		if strings.Contains(strings.ReplaceAll(body, "\r\n", ""), "\n") {
			return // a dot behind a bare LF was doubled on purpose
		}
		var back strings.Builder
		for line := range strings.SplitSeq(strings.TrimSuffix(wire, "\r\n"), "\r\n") {
			if text, last := Unstuff(line); !last {
				back.WriteString(text + "\r\n")
			}
		}
		if got := back.String(); got != body && got != body+"\r\n" {
			t.Fatalf("%q came back as %q", body, got)
		}
	})
}

func writeBody(t *testing.T, body string, step int) string {
	var wire bytes.Buffer
	w := NewBodyWriter(&wire)
	for len(body) > 0 {
		n := min(step, len(body))
		if _, err := io.WriteString(w, body[:n]); err != nil {
			t.Fatal(err)
		}
		body = body[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return wire.String()
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"USER a", "PASS  b ", "AUTH PLAIN =", "TOP 1 2", "LIST", "RETR 99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := ParseCommand(line)
		if err != nil {
			if _, ok := err.(*SyntaxError); !ok {
				t.Fatalf("error is %#v", err)
			}
			return
		}
		if c.Message < 0 || c.Lines < 0 || strings.ContainsAny(c.Text+c.Mechanism+c.Initial, "\x00\r\n") {
			t.Fatalf("%q gave %+v", line, c)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	for _, seed := range []string{"+OK 1 2", "-ERR [AUTH] no", "1 2", "1 abc", "SASL PLAIN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if totals, err := ParseTotals(line); err == nil && (totals.Messages < 0 || totals.Octets < 0) {
			t.Fatalf("%q gave %+v", line, totals)
		}
		if n, uid, err := ParseUID(line); err == nil && (n < 0 || uid == "") {
			t.Fatalf("%q gave %d, %q", line, n, uid)
		}
		ParseCapability(line)
		s, err := ParseStatus(line)
		if err != nil {
			return
		}
		again, err := ParseStatus(strings.TrimSuffix(s.String(), "\r\n"))
		if err != nil || again.OK != s.OK {
			t.Fatalf("%q prints as %q, which reads as %+v, %v", line, s.String(), again, err)
		}
	})
}
