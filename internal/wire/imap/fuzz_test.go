package imap

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// readAll reads commands until the stream or the connection ends.
func readAll(said io.Reader, limits Limits) (commands, refused int, longest int, err error) {
	s := newStream(said)
	d := NewDecoder(s, func() error { return nil })
	d.SetLimits(limits)
	for {
		cmd, err := d.Next()
		var syntax *SyntaxError
		switch {
		case errors.As(err, &syntax):
			refused++
			if syntax.Fatal {
				return commands, refused, s.longest, nil
			}
			continue
		case err != nil:
			return commands, refused, s.longest, err
		}
		commands++
		if a, ok := cmd.Request.(Append); ok {
			err = takeMessage(a.Message)
		}
		if err != nil {
			return commands, refused, s.longest, err
		}
	}
}

func takeMessage(l *Literal) error {
	if err := l.Accept(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, l); err != nil {
		return err
	}
	err := l.Finish()
	if errors.As(err, new(*SyntaxError)) {
		return nil
	}
	return err
}

// Whatever a client sends, a command is at most as long as its limits, and
// reading ends with the stream.
func FuzzCommands(f *testing.F) {
	files, _ := filepath.Glob("testdata/commands/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		said := ""
		for line := range strings.SplitSeq(string(data), "\n") {
			switch kind, rest, _ := strings.Cut(line, " "); kind {
			case "C:":
				said += octets(rest) + "\r\n"
			case "c:":
				said += octets(rest)
			case "=", "!":
				f.Add([]byte(said), true)
				said = ""
			}
		}
	}
	f.Fuzz(func(t *testing.T, said []byte, loggedIn bool) {
		limits := BeforeLogin
		if loggedIn {
			limits = AfterLogin
		}
		_, _, longest, err := readAll(strings.NewReader(string(said)), limits)
		if longest > limits.Line+2 {
			t.Fatalf("held a line of %d octets", longest)
		}
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && err != errLine {
			t.Fatalf("unexpected error %v", err)
		}
	})
}

// endless is a client that says the same for ever.
type endless struct{ text string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.text)
	}
	return n, nil
}

// Literals and parentheses without number cost no more than the limits, before
// and after login.
func TestFloods(t *testing.T) {
	const flood = 32 << 20
	for name, said := range map[string]io.Reader{
		"literals in one command":    io.MultiReader(strings.NewReader("a SEARCH TEXT "), endless{"{9+}\r\n(12345678 TEXT "}),
		"literals with a bad start":  io.MultiReader(strings.NewReader("a FROB "), endless{"{9+}\r\n123456789 "}),
		"a literal of 4 GB":          io.MultiReader(strings.NewReader("a LOGIN {4294967295+}\r\n"), endless{"x"}),
		"a message of 4 GB":          io.MultiReader(strings.NewReader("a APPEND INBOX {4294967295+}\r\n"), endless{"x"}),
		"parentheses":                io.MultiReader(strings.NewReader("a SEARCH "), endless{"("}),
		"NOTs":                       io.MultiReader(strings.NewReader("a SEARCH "), endless{"NOT "}),
		"keys":                       io.MultiReader(strings.NewReader("a SEARCH "), endless{"1 "}),
		"ORs in lines of their own":  endless{"a SEARCH " + strings.Repeat("OR ", 20000) + "\r\n"},
		"items":                      endless{"a FETCH 1 (" + strings.Repeat("BODY[] ", 9000) + ")\r\n"},
		"section numbers":            endless{"a FETCH 1 BODY[" + strings.Repeat("1.", 30000) + "1]\r\n"},
		"ID fields by literals":      io.MultiReader(strings.NewReader("a ID ("), endless{"{1+}\r\na {1+}\r\nb "}),
		"an endless tag":             endless{"a"},
		"empty literals for a login": io.MultiReader(strings.NewReader("a LOGIN "), endless{"{0+}\r\n"}),
	} {
		for _, limits := range []Limits{BeforeLogin, AfterLogin} {
			limits.Message = min(limits.Message, 1<<20)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, refused, longest, err := readAll(io.LimitReader(said, flood), limits)
			runtime.ReadMemStats(&after)
			if refused == 0 && err == nil {
				t.Errorf("%s: neither refused nor ended", name)
			}
			if longest > limits.Line+2 {
				t.Errorf("%s: held a line of %d octets", name, longest)
			}
			if live := int64(after.HeapAlloc) - int64(before.HeapAlloc); live > 64<<20 {
				t.Errorf("%s: %d octets of heap", name, live)
			}
		}
	}
}
