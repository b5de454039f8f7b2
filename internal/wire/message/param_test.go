package message

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMediaType(t *testing.T) {
	tests := []struct {
		in, mediaType string
		params        []Param
	}{
		{"text/plain", "text/plain", nil},
		{"Text / HTML ; Charset=UTF-8", "text/html", []Param{{"charset", "UTF-8"}}},
		{"text/plain (comment; not=this); charset=x", "text/plain", []Param{{"charset", "x"}}},
		{`multipart/mixed; boundary="a;b\"c"; x=`, "multipart/mixed", []Param{{"boundary", `a;b"c`}, {"x", ""}}},
		{"text/plain; charset", "text/plain", nil},
		{"text/plain;;; a=1;", "text/plain", []Param{{"a", "1"}}},
		{`application/pdf; name=two words.pdf`, "application/pdf", []Param{{"name", "two words.pdf"}}},
		{`application/pdf; name="never closed.pdf`, "application/pdf", []Param{{"name", "never closed.pdf"}}},
		{`application/pdf; name=report (1).pdf`, "application/pdf", []Param{{"name", "report (1).pdf"}}},
		{"text/plain; charset=x (a; b) ; n=1", "text/plain", []Param{{"charset", "x"}, {"n", "1"}}},
		{"text/plain; (never closed; n=1", "text/plain", []Param{{"n", "1"}}},
		{"text", "", nil},
		{"/plain", "", nil},
		{"", "", nil},
		{"text/plain; n*1=b; n*0=a; n*3=d", "text/plain", []Param{{"n", "ab"}}},
		{"text/plain; n*0=a; n*0=x; n*1=b", "text/plain", []Param{{"n", "ab"}}},
		{"text/plain; n*1=b", "text/plain", nil},
		{"text/plain; n*0=a%; n*1*=%C3%BC", "text/plain", []Param{{"n*", "''a%25%C3%BC"}}},
		{"text/plain; n*0*=utf-8'de'%C3; n*1*=%BC", "text/plain", []Param{{"n*", "utf-8'de'%C3%BC"}}},
		{"text/plain; n*01x=a; n*-1=b", "text/plain", []Param{{"n*01x", "a"}, {"n*-1", "b"}}},
	}
	for _, tt := range tests {
		main, sub, params, ok := parseMediaType(tt.in)
		got := ""
		if ok {
			got = main + "/" + sub
		}
		if got != tt.mediaType {
			t.Errorf("parseMediaType(%q) = %q, want %q", tt.in, got, tt.mediaType)
		}
		if diff := cmp.Diff(tt.params, params); diff != "" {
			t.Errorf("parameters of %q differ (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestParamValue(t *testing.T) {
	tests := []struct{ header, want string }{
		{`a/b; n=plain`, "plain"},
		{`a/b; n="=?utf-8?Q?Gr=C3=BC=C3=9Fe?="`, "Grüße"},
		{`a/b; n=fallback; n*=utf-8''Gr%C3%BC%C3%9Fe`, "Grüße"},
		{`a/b; n*=iso-8859-1'de'Gr%FC%DFe`, "Grüße"},
		{`a/b; n*=Gr%FCn`, "Gr%FCn"},
		{`a/b; n*=utf-8'Gr%C3%BCn`, "Grün"},
		{`a/b; n*=utf-8''%zz%4`, "%zz%4"},
		{`a/b; n*=utf-8''a%0D%0Ab`, "a  b"},
		{"a/b; n=\"Gr\xfc\xdfe\"", "Grüße"},
		{`a/b; other=1`, ""},
	}
	for _, tt := range tests {
		_, _, params, _ := parseMediaType(tt.header)
		if got := ParamValue(params, "n"); got != tt.want {
			t.Errorf("n of %s = %q, want %q", tt.header, got, tt.want)
		}
	}
}

// What formatParam writes, short or long, ASCII or not, is what is read.
func TestParamRoundTrip(t *testing.T) {
	for _, value := range []string{
		"plain", "two words", `a"b\c`, "", "Übung.txt", strings.Repeat("long ", 60) + "end", strings.Repeat("ü日", 80), "100%'*",
	} {
		formatted := formatParam(Param{"filename", value})
		_, params := parseDisposition("attachment" + formatted)
		if got := ParamValue(params, "filename"); got != value {
			t.Errorf("%q written as %s is read as %q", value, formatted, got)
		}
	}
}

func TestParamFlood(t *testing.T) {
	var header strings.Builder
	header.WriteString("a/b")
	for i := range 10_000 {
		fmt.Fprintf(&header, "; n*%d*=x; m%d=y", i, i)
	}
	_, _, params, _ := parseMediaType(header.String())
	if len(params) > MaxParams {
		t.Errorf("%d parameters, want at most %d", len(params), MaxParams)
	}
}
