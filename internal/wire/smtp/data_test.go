package smtp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readData reads one message from wire and returns what is left of it.
func readData(wire io.Reader) (message, rest string, err error) {
	src := bufio.NewReader(wire)
	b, err := io.ReadAll(NewDataReader(src))
	left, _ := io.ReadAll(src)
	return string(b), string(left), err
}

func TestDataReader(t *testing.T) {
	for _, test := range []struct {
		name, wire, want, rest string
	}{
		{"empty", ".\r\n", "", ""},
		{"one line", "hello\r\n.\r\n", "hello\r\n", ""},
		{"empty line", "\r\n.\r\n", "\r\n", ""},
		{"dots stuffed", "..\r\n...\r\n.a\r\na.\r\n.\r\n", ".\r\n..\r\na\r\na.\r\n", ""},
		{"next command stays", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
		{"8 bit and NUL pass", "\xff\x00\xe9\r\n.\r\n", "\xff\x00\xe9\r\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for how, wire := range map[string]io.Reader{
				"whole":    strings.NewReader(test.wire),
				"bytewise": iotest.OneByteReader(strings.NewReader(test.wire)),
			} {
				got, rest, err := readData(wire)
				if err != nil || got != test.want || rest != test.rest {
					t.Errorf("%s: message %q, rest %q, error %v; want %q, %q", how, got, rest, err, test.want, test.rest)
				}
			}
		})
	}
}

func TestDataReaderWithSmallBuffers(t *testing.T) {
	wire := strings.Repeat("line\r\n..dot\r\n", 1000) + ".\r\n"
	want := strings.Repeat("line\r\n.dot\r\n", 1000)
	for _, size := range []int{1, 2, 3, 7, 64} {
		var got bytes.Buffer
		_, err := io.CopyBuffer(struct{ io.Writer }{&got}, NewDataReader(bufio.NewReaderSize(strings.NewReader(wire), 16)), make([]byte, size))
		if err != nil || got.String() != want {
			t.Errorf("read %d bytes at a time: %d bytes, error %v", size, got.Len(), err)
		}
	}
}

func TestDataReaderCutShort(t *testing.T) {
	wire := "a\r\n.\r\n"
	for n := range len(wire) {
		if _, _, err := readData(strings.NewReader(wire[:n])); err != io.ErrUnexpectedEOF {
			t.Errorf("after %q: error %v, want io.ErrUnexpectedEOF", wire[:n], err)
		}
	}
	reset := errors.New("connection reset")
	if _, _, err := readData(io.MultiReader(strings.NewReader("a\r\n"), iotest.ErrReader(reset))); err != reset {
		t.Errorf("error %v, want that of the source", err)
	}
}

// TestSmugglingMatrix tries every mix of CR, LF and dot around the end of the
// data: all strings of up to six of them, inside a message and before a
// command that must not be taken for one. A simple model on the whole text
// decides what is right; it shares nothing with the state machine.
func TestSmugglingMatrix(t *testing.T) {
	tried := 0
	for _, middle := range mixes("\r\n.", 6) {
		for _, before := range []string{"", "text"} {
			wire := before + middle + "MAIL FROM:<evil@example.com>\r\n.\r\n"
			message, rest, err := readData(strings.NewReader(wire))
			wantMessage, wantRest, wantErr := modelOfData(wire)
			if err != wantErr || err == nil && (message != wantMessage || rest != wantRest) {
				t.Errorf("%q: message %q, rest %q, error %v; want %q, %q, %v",
					wire, message, rest, err, wantMessage, wantRest, wantErr)
			}
			tried++
		}
	}
	if want := 2 * (3 + 9 + 27 + 81 + 243 + 729); tried != want {
		t.Errorf("tried %d mixes, want %d", tried, want)
	}
}

// modelOfData finds the end first, by text search, and then looks for line
// ends that are not whole in what precedes it.
func modelOfData(wire string) (message, rest string, err error) {
	text := "\r\n" + wire // so that a dot at the very start also follows CRLF
	whole, rest, ended := strings.Cut(text, "\r\n.\r\n")
	// Look at the text byte by byte up to its end, the CRLF included.
	for i := range len(whole) {
		switch {
		case whole[i] == '\n' && (i == 0 || whole[i-1] != '\r'):
			return "", "", ErrBareLF
		case whole[i] == '\r' && (i+1 < len(whole) && whole[i+1] != '\n'):
			return "", "", ErrBareCR
		case whole[i] == '\r' && i+1 == len(whole) && ended:
			return "", "", ErrBareCR // CR before the CRLF of the end
		}
	}
	if !ended {
		return "", "", io.ErrUnexpectedEOF
	}
	lines := strings.SplitAfter(whole+"\r\n", "\r\n")[1:]
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, ".")
	}
	return strings.Join(lines, ""), rest, nil
}

// mixes returns every string of 1 to n characters of the alphabet.
func mixes(alphabet string, n int) []string {
	var all []string
	longest := []string{""}
	for range n {
		var longer []string
		for _, s := range longest {
			for _, c := range alphabet {
				longer = append(longer, s+string(c))
			}
		}
		all = append(all, longer...)
		longest = longer
	}
	return all
}

func TestDataWriter(t *testing.T) {
	for message, want := range map[string]string{
		"":                  ".\r\n",
		"a":                 "a\r\n.\r\n",
		"a\r\n":             "a\r\n.\r\n",
		".\r\n":             "..\r\n.\r\n",
		"a\r\n.b\r\n..c":    "a\r\n..b\r\n...c\r\n.\r\n",
		"\r\n":              "\r\n.\r\n",
		"no dot . here\r\n": "no dot . here\r\n.\r\n",
	} {
		for _, step := range []int{1, 2, 100} {
			got, err := writeData(message, step)
			if err != nil || got != want {
				t.Errorf("%q, %d at a time: %q, %v; want %q", message, step, got, err, want)
			}
		}
	}
}

// TestDataWriterNeverSmuggles writes every mix of CR, LF and dot: either it is
// refused, or it arrives as it was.
func TestDataWriterNeverSmuggles(t *testing.T) {
	for _, message := range mixes("\r\n.", 6) {
		wire, err := writeData(message, 1)
		bare := strings.ContainsAny(strings.ReplaceAll(message, "\r\n", ""), "\r\n")
		if refused := errors.Is(err, ErrBareCR) || errors.Is(err, ErrBareLF); refused != bare {
			t.Errorf("%q: error %v", message, err)
		}
		if bare {
			continue
		}
		got, rest, err := readData(strings.NewReader(wire))
		want := message
		if !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if err != nil || rest != "" || got != want {
			t.Errorf("%q arrived as %q, %q, %v", message, got, rest, err)
		}
	}
}

func writeData(message string, step int) (string, error) {
	var wire bytes.Buffer
	w := NewDataWriter(&wire)
	for len(message) > 0 {
		n := min(step, len(message))
		if _, err := io.WriteString(w, message[:n]); err != nil {
			return "", err
		}
		message = message[n:]
	}
	err := w.Close()
	return wire.String(), err
}

func FuzzDataReader(f *testing.F) {
	f.Add("a\r\n.\r\nQUIT\r\n", byte(1))
	f.Add("a\n.\r\n", byte(3))
	f.Add("..\r\n.\r\n.\r\n", byte(0))
	f.Fuzz(func(t *testing.T, wire string, size byte) {
		src := bufio.NewReaderSize(strings.NewReader(wire), 16)
		var got bytes.Buffer
		_, err := io.CopyBuffer(struct{ io.Writer }{&got}, NewDataReader(src), make([]byte, int(size)+1))
		message, rest, wantErr := modelOfData(wire)
		if err != wantErr {
			t.Fatalf("%q: error %v, want %v", wire, err, wantErr)
		}
		if err != nil {
			return
		}
		left, _ := io.ReadAll(src)
		if got.String() != message || string(left) != rest {
			t.Fatalf("%q: message %q, rest %q; want %q, %q", wire, got.String(), left, message, rest)
		}
	})
}

func BenchmarkDataReader(b *testing.B) {
	wire := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 1000) + ".\r\n"
	src := bufio.NewReader(nil)
	buf := make([]byte, 4096)
	b.SetBytes(int64(len(wire)))
	for b.Loop() {
		src.Reset(strings.NewReader(wire))
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, NewDataReader(src), buf); err != nil {
			b.Fatal(err)
		}
	}
}
