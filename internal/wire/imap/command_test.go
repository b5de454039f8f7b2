package imap

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the tests got into their golden files")

// TestCommands plays the files of testdata/commands. Their lines are
//
//	C: what the client sends, with its CRLF; \xNN is that octet
//	c: the same without CRLF, for literals
//	S: + means that the server asks for a literal here
//	=  the command as it was understood
//	!  the error, with FATAL where the connection must end
//	~  what follows is sent before login (no) or after (yes)
func TestCommands(t *testing.T) {
	files, err := filepath.Glob("testdata/commands/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { playFile(t, file) })
	}
}

func playFile(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	var expect, golden []string
	limits := AfterLogin
	for i, line := range strings.Split(string(data), "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		if kind != "S:" && kind != "=" && kind != "!" {
			golden = append(golden, line)
		}
		switch kind {
		case "C:":
			said.WriteString(octets(rest) + "\r\n")
		case "c:":
			said.WriteString(octets(rest))
		case "S:":
			expect = append(expect, "S: "+rest)
		case "=", "!":
			expect = append(expect, line)
			got := understand(&said, limits)
			said.Reset()
			golden = append(golden, got...)
			if g, e := strings.Join(got, "\n"), strings.Join(expect, "\n"); g != e && !*update {
				t.Errorf("%s:%d:\n got %s\nwant %s", file, i+1, g, e)
			}
			expect = nil
		case "~":
			limits = map[string]Limits{"no": BeforeLogin, "yes": AfterLogin}[rest]
		case "", "#":
		default:
			t.Fatalf("%s:%d: what is %q?", file, i+1, line)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(golden, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func octets(s string) string {
	for i := range 256 {
		s = strings.ReplaceAll(s, fmt.Sprintf(`\x%02x`, i), string([]byte{byte(i)}))
	}
	return s
}

// understand reads one command and says what became of it.
func understand(said *bytes.Buffer, limits Limits) (got []string) {
	d := NewDecoder(newStream(said), func() error {
		got = append(got, "S: +")
		return nil
	})
	d.SetLimits(limits)
	cmd, err := d.Next()
	var syntax *SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Fatal:
		return append(got, fmt.Sprintf("! %s %s: FATAL %s", syntax.Tag, syntax.Command, syntax.Text))
	case errors.As(err, &syntax):
		return append(got, fmt.Sprintf("! %s %s: %s", syntax.Tag, syntax.Command, syntax.Text))
	case err != nil:
		return append(got, "! "+err.Error())
	}
	text := ""
	switch r := cmd.Request.(type) {
	case Append:
		text, got = appended(r, got)
	case Fetch:
		text = fmt.Sprintf("%v %v", r.Set, showItems(r.Items))
	case Search:
		text = strings.TrimSpace(r.Charset + " " + showKey(r.Key))
	default:
		text = fmt.Sprintf("%+v", r)
	}
	return append(got, strings.TrimSpace(fmt.Sprintf("= %s %s %s", cmd.Tag, cmd.Request.Name(), text)))
}

// appended takes the message of APPEND.
func appended(a Append, got []string) (string, []string) {
	date := "-"
	if !a.Date.IsZero() {
		date = a.Date.Format(time.RFC3339)
	}
	a.Message.d.proceed = func() error {
		got = append(got, "S: +")
		return nil
	}
	if err := a.Message.Accept(); err != nil {
		return err.Error(), got
	}
	message, err := io.ReadAll(a.Message)
	if err == nil {
		err = a.Message.Finish()
	}
	if err != nil {
		return fmt.Sprintf("%q %v", message, err), got
	}
	return fmt.Sprintf("{%s %v %s %q}", a.Mailbox, a.Flags, date, message), got
}

func showItems(items []FetchItem) string {
	var names []string
	for _, item := range items {
		name := string(AppendItem(nil, &item))
		if s := item.Section; s.Partial != nil {
			name += fmt.Sprintf(" %d octets from %d", s.Partial.Count, s.Partial.Offset)
		}
		if item.Section.Peek {
			name += " (peek)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

var opNames = [...]string{
	"ALL", "AND", "OR", "NOT", "SEQ", "UID", "FLAG", "NOFLAG", "RECENT", "OLD", "BEFORE", "ON", "SINCE",
	"SENTBEFORE", "SENTON", "SENTSINCE", "LARGER", "SMALLER", "HEADER", "BODY", "TEXT",
}

// showKey prints a search key as a tree, its arguments where it has them.
func showKey(k SearchKey) string {
	words := []string{opNames[k.Op]}
	if k.Flag != "" {
		words = append(words, string(k.Flag))
	}
	if k.Set != nil {
		words = append(words, k.Set.String())
	}
	if k.Size != 0 {
		words = append(words, fmt.Sprint(k.Size))
	}
	if !k.Date.IsZero() {
		words = append(words, k.Date.Format(time.DateOnly))
	}
	if k.Field != "" {
		words = append(words, k.Field)
	}
	if k.Op >= SearchHeader {
		words = append(words, fmt.Sprintf("%q", k.Text))
	}
	for _, key := range k.Keys {
		words = append(words, "("+showKey(key)+")")
	}
	return strings.Join(words, " ")
}
