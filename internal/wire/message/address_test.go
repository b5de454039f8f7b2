package message

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAddresses(t *testing.T) {
	tests := []struct {
		list string
		want []string // as describeAddress prints them
	}{
		{"", nil},
		{" , ,; ", nil},
		{"a@example.com", []string{`"a" at "example.com"`}},
		{"A <a@example.com>,b@example.com", []string{`"a" at "example.com" name "A" = "A"`, `"b" at "example.com"`}},
		{"a@example.com; b@example.com", []string{`"a" at "example.com"`, `"b" at "example.com"`}},
		{`"A, B" <a@example.com>`, []string{`"a" at "example.com" name "A, B" = "A, B"`}},
		{`"say \"hi\"" <a@example.com>`, []string{`"a" at "example.com" name "say \"hi\"" = "say \"hi\""`}},
		{`"a b"@example.com`, []string{`"a b" at "example.com"`}},
		{"a@example.com (The A)", []string{`"a" at "example.com" name "The A" = "The A"`}},
		{"A (not this) <a@example.com>", []string{`"a" at "example.com" name "A" = "A"`}},
		{"John Q. Public <j@example.com>", []string{`"j" at "example.com" name "John Q. Public" = "John Q. Public"`}},
		{"John Doe j@example.com", []string{`"j" at "example.com" name "John Doe" = "John Doe"`}},
		{"john . doe @ example . com", []string{`"john.doe" at "example.com"`}},
		{"<@a.example,@b.example:c@d.example>", []string{`"c" at "d.example" route "@a.example,@b.example"`}},
		{"root", []string{`"root" at ""`}},
		{"MAILER-DAEMON <>", []string{`"" at "" name "MAILER-DAEMON" = "MAILER-DAEMON"`}},
		{"Two Words", []string{`"" at "" name "Two Words" = "Two Words"`}},
		{"g:a@x.example,b@x.example;,c@x.example", []string{`group "g"`, `"a" at "x.example"`, `"b" at "x.example"`, "end of group", `"c" at "x.example"`}},
		{"g: A <a@x.example>;", []string{`group "g"`, `"a" at "x.example" name "A" = "A"`, "end of group"}},
		{"never closed: a@x.example", []string{`group "never closed"`, `"a" at "x.example"`, "end of group"}},
		{"g:h:a@x.example;", []string{`group "g"`, "end of group", `group "h"`, `"a" at "x.example"`, "end of group"}},
		{"a@b@example.com", []string{`"a@b" at "example.com"`}},
		{`"a@b.example" <c@d.example>`, []string{`"c" at "d.example" name "a@b.example" = "a@b.example"`}},
		{"a@b.example <c@d.example>", []string{`"c" at "d.example" name "a@b.example" = "a@b.example"`}},
		{`"never closed <a@example.com>, b@example.com`, []string{`"a" at "example.com" name "\"never closed" = "\"never closed"`, `"b" at "example.com"`}},
		{"(never closed a@example.com, b@example.com", []string{`"a" at "example.com" name "(never closed" = "(never closed"`, `"b" at "example.com"`}},
		{"A <a@example.com, b@example.com", []string{`"a" at "example.com" name "A" = "A"`, `"b" at "example.com"`}},
		{"a@[192.0.2.1]", []string{`"a" at "[192.0.2.1]"`}},
		{"=?utf-8?Q?evil=40example=2Ecom?= <a@example.net>", []string{`"a" at "example.net" name "=?utf-8?Q?evil=40example=2Ecom?=" = "evil@example.com"`}},
		{"ünal@exämple.com", []string{`"ünal" at "exämple.com"`}},
	}
	for _, tt := range tests {
		var got []string
		for _, a := range ParseAddresses(tt.list) {
			got = append(got, describeAddress(a))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseAddresses(%q) differs (-want +got):\n%s", tt.list, diff)
		}
	}
}

func TestAddressesAreLimited(t *testing.T) {
	list := strings.Repeat("a,", 3*MaxAddresses)
	if n := len(ParseAddresses(list)); n != MaxAddresses {
		t.Errorf("%d addresses of a flood, want %d", n, MaxAddresses)
	}
	message := []byte("To: " + strings.Repeat("a@b,", 15_000) + "\r\nTo: " + strings.Repeat("a@b,", 15_000) + "\r\n\r\n")
	if n := len(mustParse(t, message).Envelope.To); n != MaxAddresses {
		t.Errorf("%d addresses in the envelope, want %d", n, MaxAddresses)
	}
}

func TestAddressString(t *testing.T) {
	tests := []struct {
		address    Address
		addr, text string
	}{
		{Address{Local: "a", Domain: "x.example"}, "a@x.example", "a@x.example"},
		{Address{Name: "A B", Local: "a", Domain: "x.example"}, "a@x.example", "A B <a@x.example>"},
		{Address{Name: "B, A", Local: "a", Domain: "x.example"}, "a@x.example", `"B, A" <a@x.example>`},
		{Address{Name: "J\u00fcrgen", Local: "j", Domain: "x.example"}, "j@x.example", "=?utf-8?Q?J=C3=BCrgen?= <j@x.example>"},
		{Address{Name: "=?utf-8?q?x?=", Local: "j", Domain: "x.example"}, "j@x.example", "=?utf-8?Q?x?= <j@x.example>"},
		{Address{Local: "a b", Domain: "x.example"}, `"a b"@x.example`, `"a b"@x.example`},
		{Address{Local: `a"\b`, Domain: "x.example"}, `"a\"\\b"@x.example`, `"a\"\\b"@x.example`},
		{Address{Local: "a..b", Domain: "x.example"}, `"a..b"@x.example`, `"a..b"@x.example`},
		{Address{Local: "root"}, "root", "root"},
		{Address{Kind: GroupStart, Name: "g"}, "", "g:"},
		{Address{Kind: GroupEnd}, "", ";"},
	}
	for _, tt := range tests {
		if got := tt.address.Addr(); got != tt.addr {
			t.Errorf("%+v.Addr() = %s, want %s", tt.address, got, tt.addr)
		}
		if got := tt.address.String(); got != tt.text {
			t.Errorf("%+v.String() = %s, want %s", tt.address, got, tt.text)
		}
	}
}

// What AddressField writes is what ParseAddresses reads.
func TestAddressFieldRoundTrip(t *testing.T) {
	list := []Address{
		{Name: "Doe, John", Local: "john", Domain: "x.example"},
		{Kind: GroupStart, Name: "Friends"},
		{Local: "a b", Domain: "x.example"},
		{Local: "c", Domain: "[192.0.2.1]"},
		{Kind: GroupEnd},
		{Local: "last", Domain: "x.example"},
	}
	field := AddressField("To", list...)
	if diff := cmp.Diff(list, ParseAddresses(field.Value)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", field.Value, diff)
	}
}
