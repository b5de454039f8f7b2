package client

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// FuzzDialogue lets a server say anything in the place of its answers. No bytes
// may end in a panic, in a transcript with control characters, or in one with
// the password.
func FuzzDialogue(f *testing.F) {
	for _, seed := range []string{
		"220 ready\r\n250-host\r\n250 AUTH PLAIN\r\n235 yes\r\n250 ok\r\n221 bye\r\n",
		"+OK ready\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n+OK 1 20\r\n+OK\r\nSubject: x\r\n\r\n..\r\n.\r\n",
		"* OK ready\r\n* CAPABILITY IMAP4rev1\r\na1 OK\r\na2 OK\r\n* 2 EXISTS\r\na3 OK\r\n* SEARCH 1 2\r\na4 OK\r\n",
		"* BYE\r\n", "+ \r\n+ \r\n+ \r\n+ \r\n", "* 1 FETCH (BODY[] {99999999}\r\n", "\x16\x03\x01\x00\x00", "",
		"220 \x1b[2J hunter2hunter2\r\n250 aHVudGVyMmh1bnRlcjI=\r\n",
	} {
		for n := range byte(3) {
			f.Add(n, seed)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, text string) {
		const password = "hunter2hunter2"
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		near, far := net.Pipe()
		go io.Copy(io.Discard, far)
		go func() {
			_, _ = io.WriteString(far, text)
			far.Close()
		}()
		conn := newConn(near, Options{Hello: "client.test", Secrets: []secret.Secret{secret.New(password)}}, time.Now())
		defer conn.Close()
		converse(ctx, New([]ports.Protocol{ports.SMTP, ports.POP3, ports.IMAP}[which%3], conn), password)
		for _, line := range conn.Transcript() {
			if strings.Contains(line.Text, password) || strings.ContainsFunc(line.Text, unicode.IsControl) {
				t.Errorf("transcript has the line %q", line.Text)
			}
		}
		if ctx.Err() != nil {
			t.Error("the dialogue hangs")
		}
	})
}

// converse does everything that a session can, whatever the answers.
func converse(ctx context.Context, s Session, password string) {
	_, _ = s.Greeting(ctx)
	caps, _, _ := s.Capabilities(ctx)
	m := Plain
	if list := caps.Mechanisms(); len(list) > 0 {
		m = list[0]
	}
	_, _ = s.Login(ctx, m, "alice", secret.New(password))
	switch s := s.(type) {
	case *SMTP:
		_, _ = s.Send(ctx, "alice@example.test", []string{"bob@example.test"}, strings.NewReader("Subject: x\r\n\r\nx\r\n"))
	case *POP3:
		_, _, _ = s.Open(ctx)
		_, _ = s.Retrieve(ctx, 1, io.Discard, 1000)
	case *IMAP:
		_, _, _ = s.Open(ctx)
		_, _, _ = s.UIDs(ctx)
		_, _ = s.Fetch(ctx, 1, io.Discard, 1000)
	}
	_ = s.Quit(ctx)
}
