package imap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestResponses plays testdata/responses.txt: S: and s: lines are what a
// server sends, with and without CRLF, = is what was understood.
func TestResponses(t *testing.T) {
	const file = "testdata/responses.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	var golden []string
	for i, line := range strings.Split(string(data), "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "S:":
			said.WriteString(octets(rest) + "\r\n")
		case "s:":
			said.WriteString(octets(rest))
		case "=":
			raw := said.String()
			r, err := NewResponseReader(bufio.NewReader(&said), DefaultResponseLimits).Next()
			got := "= " + showResponse(r, err)
			if string(r.Raw) != raw {
				t.Errorf("%s:%d: raw is %q, want %q", file, i+1, r.Raw, raw)
			}
			if got != line && !*update {
				t.Errorf("%s:%d:\n got %s\nwant %s", file, i+1, got, line)
			}
			said.Reset()
			line = got
		}
		golden = append(golden, line)
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(golden, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func showResponse(r *Response, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case r.Tag == "":
		return "no IMAP"
	}
	words := []string{r.Tag}
	if r.Cond != "" {
		words = append(words, string(r.Cond))
	}
	if r.Code.Name != "" {
		words = append(words, "code "+r.Code.Name+showValues(r.Code.Data))
	}
	if r.Name != "" {
		words = append(words, fmt.Sprintf("%s %d%s", r.Name, r.Number, showValues(r.Data)))
	}
	if c := r.Capabilities(); c != nil {
		words = append(words, fmt.Sprintf("can %q", c))
	}
	if r.Cond != "" || r.Tag == "+" {
		words = append(words, fmt.Sprintf("%q", r.Text))
	}
	return strings.Join(words, " ")
}

func showValues(values []Value) string {
	var b strings.Builder
	for _, v := range values {
		switch v.Kind {
		case AtomValue:
			fmt.Fprintf(&b, " %s", v.Text)
		case StringValue:
			fmt.Fprintf(&b, " %q", v.Text)
		case NilValue:
			b.WriteString(" NIL")
		case ListValue:
			fmt.Fprintf(&b, " (%s)", strings.TrimSpace(showValues(v.List)))
		}
	}
	return b.String()
}

func TestResponseLimits(t *testing.T) {
	for name, c := range map[string]struct {
		said string
		err  error
	}{
		"endless line":    {strings.Repeat("x", 3000), ErrResponseTooBig},
		"huge literal":    {"* 1 FETCH (BODY[] {4294967295}\r\n", ErrResponseTooBig},
		"literal flood":   {"* 1 FETCH (" + strings.Repeat("{1500}\r\n"+strings.Repeat("x", 1500), 3), ErrResponseTooBig},
		"cut in a line":   {"* OK hel", io.ErrUnexpectedEOF},
		"cut in literal":  {"* 1 FETCH (BODY[] {9}\r\nabc", io.ErrUnexpectedEOF},
		"cut after":       {"* 1 FETCH (BODY[] {3}\r\nabc", io.ErrUnexpectedEOF},
		"nothing":         {"", io.EOF},
		"10^6 parens":     {"* X " + strings.Repeat("(", 1_000_000) + "\r\n", ErrResponseTooBig},
		"text like one":   {"* OK {9}\r\n", nil},
		"foreign literal": {"220 hello {9}\r\n", nil},
	} {
		r, err := NewResponseReader(bufio.NewReader(strings.NewReader(c.said)), ResponseLimits{Line: 2000, Response: 4000}).Next()
		if !errors.Is(err, c.err) || r == nil {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
		}
	}
}

func TestParseResponseNests(t *testing.T) {
	deep := ParseResponse([]byte("* X " + strings.Repeat("(", 1_000_000) + "\r\n"))
	depth := 0
	for v := deep.Data; len(v) > 0; v = v[0].List {
		depth++
	}
	if depth != maxValueDepth {
		t.Errorf("read to a depth of %d, want %d", depth, maxValueDepth)
	}
}

func FuzzResponse(f *testing.F) {
	data, err := os.ReadFile("testdata/responses.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if said, ok := strings.CutPrefix(line, "S: "); ok {
			f.Add([]byte(octets(said) + "\r\n"))
		}
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		limits := ResponseLimits{Line: 4000, Response: 10000}
		reader := NewResponseReader(bufio.NewReader(bytes.NewReader(said)), limits)
		var all []byte
		for {
			r, err := reader.Next()
			all = append(all, r.Raw...)
			if len(r.Raw) > limits.Response+bufio.NewReader(nil).Size() {
				t.Fatalf("held %d octets", len(r.Raw))
			}
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && err != ErrResponseTooBig {
					t.Fatalf("unexpected error %v", err)
				}
				break
			}
		}
		if !bytes.HasPrefix(said, all) {
			t.Fatalf("raw octets %q are not what was sent", all)
		}
	})
}

func TestCapabilityOrder(t *testing.T) {
	const always = "IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE UIDPLUS UNSELECT MOVE SPECIAL-USE CREATE-SPECIAL-USE"
	for _, c := range []struct {
		access Access
		want   string
	}{
		{Access{StartTLS: true}, always + " STARTTLS LOGINDISABLED"},
		{Access{Login: true}, always + " AUTH=PLAIN"},
		{Access{StartTLS: true, Login: true}, always + " STARTTLS AUTH=PLAIN"},
		{Access{LoggedIn: true, StartTLS: true}, always},
	} {
		if got := Capabilities(c.access); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.access, got, c.want)
		}
	}
	r := ParseResponse([]byte("* CAPABILITY " + always + "\r\n"))
	if got := strings.Join(r.Capabilities(), " "); got != strings.ToUpper(always) || !slices.Contains(r.Capabilities(), "IDLE") {
		t.Errorf("read back as %s", got)
	}
}
