package message

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	header := "Subject: one\r\n two\r\n\tthree \r\nno field\r\n continued\r\nX-Empty:\r\nTo : a@b\nNUL: a\x00b\rc\r\n\r\nBody: no\r\n"
	want := []Field{{"Subject", "one two\tthree"}, {"X-Empty", ""}, {"To", "a@b"}, {"NUL", "a b c"}}
	var got []Field
	for f, err := range Fields(strings.NewReader(header)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
}

func TestFieldsAreCut(t *testing.T) {
	header := "A: " + strings.Repeat("x", 2*MaxField) + "\r\n " + strings.Repeat("y", MaxField) + "\r\nB: next\r\n\r\n"
	var names []string
	for f, err := range Fields(strings.NewReader(header)) {
		if err != nil || len(f.Value) > MaxField {
			t.Errorf("%s: %d bytes, %v; want at most %d", f.Name, len(f.Value), err, MaxField)
		}
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"A", "B"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsReportsTheSourcesError(t *testing.T) {
	broken := errors.New("broken disk")
	var last error
	for _, err := range Fields(iotest.ErrReader(broken)) {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("error %v, want %v", last, broken)
	}
}

func TestFilterHeader(t *testing.T) {
	long := "X-Long: " + strings.Repeat("z", 3*MaxField) + "\r\n"
	header := "From: a\r\nTO: b,\r\n\tc\r\nSubject : x\r\n" + long + "bad line\r\n\r\nbody"
	tests := []struct {
		names  []string
		except bool
		want   string
	}{
		{[]string{"from", "SUBJECT"}, false, "From: a\r\nSubject : x\r\n\r\n"},
		{[]string{"To"}, false, "TO: b,\r\n\tc\r\n\r\n"},
		{[]string{"x-long"}, false, long + "\r\n"},
		{[]string{"none"}, false, "\r\n"},
		{[]string{"to", "x-long"}, true, "From: a\r\nSubject : x\r\nbad line\r\n\r\n"},
		{nil, true, strings.TrimSuffix(header, "body")},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		if err := FilterHeader(&out, strings.NewReader(header), tt.names, tt.except); err != nil {
			t.Fatal(err)
		}
		if out.String() != tt.want {
			t.Errorf("FilterHeader(%q, %v) = %.80q, want %.80q", tt.names, tt.except, out.String(), tt.want)
		}
	}
	var out bytes.Buffer
	if err := FilterHeader(&out, strings.NewReader("A: 1\r\nB: 2"), []string{"b"}, false); err != nil || out.String() != "B: 2" {
		t.Errorf("header without an empty line: %q, %v; want %q", out.String(), err, "B: 2")
	}
}

func TestDecodeWords(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
		{"=?UTF-8?b?R3LDvMOfZQ==?= aus =?iso-8859-1*de?q?K=F6ln?=", "Grüße aus Köln"},
		{"=?utf-8?Q?a_b?= \t =?utf-8?Q?c?=", "a bc"},
		{"=?utf-8?B?w7w=?= =?utf-8?B?w58=?=", "üß"},
		{"=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"}, // one character in two words
		{"=?utf-8?B?R3LDvMOf", "=?utf-8?B?R3LDvMOf"},
		{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"=?utf-8?Q?with space?=", "with space"},
		{"=?utf-8?Q?=ZZ=?=", "=ZZ="},
		{"=?utf-8?B?R3L*8?=", "Gr\ufffd"},
		{"=?no-such-charset?Q?=FC?=", "ü"},
		{"=?utf-8?Q?=FC?=", "\ufffd"},
		{"Gr\xfc\xdfe", "Grüße"},
		{"Grüße", "Grüße"},
		{"=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x"}, // no line breaks get in
		{"=?us-ascii?Q?nul=00?=", "nul "},
	}
	for _, tt := range tests {
		if got := DecodeWords(tt.in); got != tt.want {
			t.Errorf("DecodeWords(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Sat, 21 Nov 2026 10:11:12 +0100", "2026-11-21 10:11:12 +0100"},
		{"21 Nov 2026 10:11 -0330", "2026-11-21 10:11:00 -0330"},
		{"Sat,21 Nov 26 10:11:12 GMT (comment)", "2026-11-21 10:11:12 +0000"},
		{"21 November 2026 10:11:12 EDT", "2026-11-21 10:11:12 -0400"},
		{"21 Nov 126 10:11:12 Q", "2026-11-21 10:11:12 +0000"},
		{"21 Nov 99 10:11:12 UT", "1999-11-21 10:11:12 +0000"},
		{"Sat Nov 21 10:11:12 2026", "2026-11-21 10:11:12 +0000"},
		{"21-Nov-2026 10:11:12 +0100", "2026-11-21 10:11:12 +0100"},
		{"Sat, 21 Nov 2026 10:11:60 +01:00", "2026-11-21 10:11:59 +0100"},
		{"Sat, 21 Nov 2026 10:11:12+0200", "2026-11-21 10:11:12 +0200"},
		{"Sat, 21 Nov 2026", "2026-11-21 00:00:00 +0000"},
		{"", ""},
		{"yesterday", ""},
		{"31 Feb 2026 10:11:12 +0000", ""},
		{"21 Nov 2026 25:11:12 +0000", ""},
		{"21 Nov 2026 10:11:12 +9999", ""},
		{"99999999999999999999 Nov 2026", ""},
		{"21 Nov 2026 10:11:12 10:11:12", ""},
	}
	for _, tt := range tests {
		got := ""
		if at, ok := ParseDate(tt.in); ok {
			got = at.Format("2006-01-02 15:04:05 -0700")
		}
		if got != tt.want {
			t.Errorf("ParseDate(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	at, _ := ParseDate("Sat, 21 Nov 2026 23:30:00 -0500")
	if want := time.Date(2026, 11, 22, 4, 30, 0, 0, time.UTC); !at.Equal(want) || at.Day() != 21 {
		t.Errorf("time %v is not %v with its own day", at, want)
	}
}
