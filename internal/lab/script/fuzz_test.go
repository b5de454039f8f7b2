package script

import (
	"crypto/tls"
	"io"
	"maps"
	"net"
	"strings"
	"testing"
)

// Any text gives a script or an error at Start, also as a change to another.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"imap", "pop3", "smtp", "relay", "http", "ssh", "ftp"} {
		text, err := dialogues.ReadFile("dialogues/" + name + ".script")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("C: {a} ...\n  plain {b} wait {c}\nlet c = {c}")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []*Script{Parse(text), IMAP().With(text)} {
			err := s.check(map[string]string{"host": host})
			if s.err != nil && err != s.err {
				t.Errorf("an error of the text was lost: %v", s.err)
			}
		}
	})
}

// Any bytes of a client end its session at last, and no other's.
func FuzzSession(f *testing.F) {
	f.Add("a LOGIN {3}\r\nbob {3+}\r\nx y\r\nb LOGOUT\r\n")
	f.Add("a LOGIN \"b\\\"ob\" \"\r\n")
	f.Add("a AUTHENTICATE PLAIN\r\n*\r\n\x00\r\n")
	f.Fuzz(func(t *testing.T, bytes string) {
		ours, theirs := net.Pipe()
		s := &Server{Script: IMAP(), TLS: &tls.Config{}, Counter: new(Counter), ctx: t.Context()}
		s.vars = maps.Clone(s.Script.defaults)
		s.vars["host"] = host
		done := make(chan struct{})
		go func() {
			defer close(done)
			newSession(s, theirs).run()
			theirs.Close()
		}()
		go func() {
			io.WriteString(ours, bytes)
			ours.Close()
		}()
		said, _ := io.ReadAll(ours)
		<-done
		if len(said) > 0 && !strings.HasPrefix(string(said), "* OK") {
			t.Errorf("began with %q", said)
		}
		if counts := s.Counter.Counts(); counts.Logins > strings.Count(bytes, "\n") {
			t.Errorf("%d logins in %q", counts.Logins, bytes)
		}
	})
}
