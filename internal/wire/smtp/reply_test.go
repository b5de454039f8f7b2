package smtp

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReplyPrints(t *testing.T) {
	for _, test := range []struct {
		reply Reply
		want  string
	}{
		{NewReply(250, Enhanced{2, 0, 0}, "OK"), "250 2.0.0 OK\r\n"},
		{NewReply(354, Enhanced{}, "Go on"), "354 Go on\r\n"},
		{NewReply(250, Enhanced{}, "host", "SIZE 1", "8BITMIME"), "250-host\r\n250-SIZE 1\r\n250 8BITMIME\r\n"},
		{NewReply(550, Enhanced{5, 7, 1}, "no", "never"), "550-5.7.1 no\r\n550 5.7.1 never\r\n"},
		{NewReply(250, Enhanced{}), "250 \r\n"},
		{NewReply(550, Enhanced{}, "evil\r\n250 OK\x00\u00e9"), "550 evil??250 OK??\r\n"},
		{NewReply(550, Enhanced{}, strings.Repeat("x", 600)), "550 " + strings.Repeat("x", 506) + "\r\n"},
	} {
		if diff := cmp.Diff(test.want, test.reply.String()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestReadReply(t *testing.T) {
	for _, test := range []struct {
		wire string
		want Reply
	}{
		{"220 mail.example.com ESMTP", NewReply(220, Enhanced{}, "mail.example.com ESMTP")},
		{"250", NewReply(250, Enhanced{}, "")},
		{"250-mail\n250-SIZE 9\n250 HELP", NewReply(250, Enhanced{}, "mail", "SIZE 9", "HELP")},
		{"550-5.7.1 no\n550 5.7.1 never", NewReply(550, Enhanced{5, 7, 1}, "no", "never")},
		{"535 5.7.139 basic", NewReply(535, Enhanced{5, 7, 139}, "basic")},
		{"550 5.1.1", NewReply(550, Enhanced{5, 1, 1}, "")},
		{"250 5.1.1 other class", NewReply(250, Enhanced{}, "5.1.1 other class")},
		{"250 2.1000.0 too long", NewReply(250, Enhanced{}, "2.1000.0 too long")},
		{"250-one\n550 two", NewReply(550, Enhanced{}, "one", "two")},
	} {
		got, err := ReadReply(linesOf(test.wire))
		if err != nil {
			t.Errorf("%q: %v", test.wire, err)
		} else if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", test.wire, diff)
		}
	}
}

func TestReadReplyRefuses(t *testing.T) {
	for _, wire := range []string{"", "ok", "25", "2x0 a", "650 a", "150 a", "250_a", "+OK", strings.Repeat("250-a\n", 600)} {
		_, err := ReadReply(linesOf(wire))
		var bad *ReplyError
		if !errors.As(err, &bad) {
			t.Errorf("%.20q: error is %v, want a *ReplyError", wire, err)
		}
	}
	if _, err := ReadReply(linesOf("250-cut")); err != io.EOF {
		t.Errorf("cut reply: error is %v, want io.EOF", err)
	}
}

// linesOf returns lines one after the other, then io.EOF.
func linesOf(s string) func() (string, error) {
	lines := strings.Split(s, "\n")
	return func() (string, error) {
		if len(lines) == 0 {
			return "", io.EOF
		}
		line := lines[0]
		lines = lines[1:]
		return line, nil
	}
}

func TestExtensions(t *testing.T) {
	e := ParseExtensions(NewReply(250, Enhanced{},
		"mail.example.com at your service", "size 35882577", "AUTH PLAIN LOGIN", "AUTH=LOGIN cram-md5", "", "STARTTLS"))
	if e.Server != "mail.example.com" {
		t.Errorf("server is %q", e.Server)
	}
	if _, ok := e.Lookup("starttls"); !ok {
		t.Error("STARTTLS was not found")
	}
	if _, ok := e.Lookup("PIPELINING"); ok {
		t.Error("PIPELINING was found")
	}
	if diff := cmp.Diff([]string{"PLAIN", "LOGIN", "CRAM-MD5"}, e.Mechanisms()); diff != "" {
		t.Errorf("mechanisms (-want +got)\n%s", diff)
	}
	if octets, known := e.Size(); octets != 35882577 || !known {
		t.Errorf("size is %d, %t", octets, known)
	}
	for _, line := range []string{"SIZE", "SIZE lots", "SIZE 99999999999999999999"} {
		if octets, known := ParseExtensions(NewReply(250, Enhanced{}, "host", line)).Size(); octets != 0 || !known {
			t.Errorf("%s: size is %d, %t; want 0, true", line, octets, known)
		}
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add("250-mail\r\n250-AUTH=LOGIN\r\n250 SIZE 1\r\n")
	f.Add("550 5.7.1 no\r\n")
	f.Add("250-\r\n\r\n")
	f.Fuzz(func(t *testing.T, wire string) {
		scanner := bufio.NewScanner(strings.NewReader(wire))
		r, err := ReadReply(func() (string, error) {
			if !scanner.Scan() {
				return "", io.EOF
			}
			return scanner.Text(), nil
		})
		if err != nil {
			return
		}
		e := ParseExtensions(r)
		e.Mechanisms()
		e.Size()
		// Printed, it is one well-formed reply with the same code.
		again, err := ReadReply(linesOf(strings.ReplaceAll(strings.TrimSuffix(r.String(), "\r\n"), "\r\n", "\n")))
		if err != nil || again.Code != r.Code || len(again.Lines) != len(r.Lines) {
			t.Fatalf("%q reads as %+v (%v)", r.String(), again, err)
		}
	})
}
