package popd

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTopReader(t *testing.T) {
	for _, test := range []struct {
		message string
		lines   int
		want    string
	}{
		{"a: b\r\n\r\n1\r\n2\r\n3\r\n", 0, "a: b\r\n\r\n"},
		{"a: b\r\n\r\n1\r\n2\r\n3\r\n", 2, "a: b\r\n\r\n1\r\n2\r\n"},
		{"a: b\r\n\r\n1\r\n2\r\n3\r\n", 9, "a: b\r\n\r\n1\r\n2\r\n3\r\n"},
		{"a: b\r\n\r\n\r\n\r\n1\r\n", 1, "a: b\r\n\r\n\r\n"},
		{"a: b\r\nc: d\r\n", 0, "a: b\r\nc: d\r\n"},
		{"\r\nbody\r\n", 0, "\r\n"},
		{"a: b\n\n1\n2", 1, "a: b\n\n1\n"},
		{"a: b\n\n1\n2", 2, "a: b\n\n1\n2"},
		{"", 5, ""},
	} {
		for how, r := range map[string]io.Reader{
			"whole":    strings.NewReader(test.message),
			"bytewise": iotest.OneByteReader(strings.NewReader(test.message)),
		} {
			got, err := io.ReadAll(&topReader{r: r, lines: test.lines})
			if err != nil || string(got) != test.want {
				t.Errorf("TOP %d of %q, %s: %q, %v; want %q", test.lines, test.message, how, got, err, test.want)
			}
		}
	}
}

// FuzzTopReader compares with a plain search for lines.
func FuzzTopReader(f *testing.F) {
	f.Add("a: b\r\n\r\n1\r\n2\r\n", uint8(1))
	f.Add("\n\r\n\r\r\n", uint8(0))
	f.Fuzz(func(t *testing.T, message string, lines uint8) {
		want, inBody, left := "", false, int(lines)
		for line := range strings.SplitAfterSeq(message, "\n") {
			if inBody && left == 0 {
				break
			}
			want += line
			switch {
			case inBody:
				left--
			case strings.HasSuffix(line, "\n") && strings.Trim(line, "\r\n") == "":
				inBody = true
			}
		}
		got, err := io.ReadAll(&topReader{r: iotest.HalfReader(strings.NewReader(message)), lines: int(lines)})
		if err != nil || string(got) != want {
			t.Fatalf("TOP %d of %q: %q, %v; want %q", lines, message, got, err, want)
		}
	})
}

func TestUniqueIDs(t *testing.T) {
	d := &maildrop{messages: []entry{{uid: 3, id: 70}, {uid: 4, id: 71}, {uid: 9, id: 70}}}
	if got := strings.Join(d.uniqueIDs(), " "); got != "M70 M71 M70.9" {
		t.Errorf("unique-ids are %s", got)
	}
}
