package dialogue

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// echo says hello, then repeats every line in upper case until QUIT.
func echo(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "hello 42\r\n")
	for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != "QUIT"; {
		fmt.Fprintf(conn, "%s\r\n", strings.ToUpper(lines.Text()))
	}
}

func stage() Stage {
	return Stage{
		Dial: func(port string) (net.Conn, error) {
			if port != "7" {
				return nil, errors.New("closed")
			}
			client, server := net.Pipe()
			go echo(server)
			return client, nil
		},
		Vars:  map[string]string{"name": "alice"},
		Steps: map[string]func(string) error{"fail": func(why string) error { return errors.New(why) }, "rest": func(string) error { return nil }},
	}
}

func TestPlay(t *testing.T) {
	for _, file := range Files(t, "testdata/*.txt") {
		t.Run(Name(file), func(t *testing.T) { stage().Play(t, file) })
	}
}

// TestRunNotices feeds dialogues that must fail, so that a slip in the player
// can't turn every dialogue into one that passes.
func TestRunNotices(t *testing.T) {
	for _, test := range []struct {
		name, text string
		line       int
		says       string
	}{
		{"nothing", "# only a comment\n", 1, "nothing to play"},
		{"wrong line", "connect 7\nS: hello 43\n", 2, `heard "hello 42"`},
		{"start only", "connect 7\nS: hello\n", 2, `heard "hello 42"`},
		{"end only", "connect 7\nS: 42\n", 2, `heard "hello 42"`},
		{"variable differs", "connect 7\nS: hello «n»\nC: x\nS: «n»\n", 4, `heard "X"`},
		{"variable unknown", "connect 7\nC: «n»\n", 2, "«n» has no value"},
		{"no end", "connect 7\nS: …\nC: x\nend\n", 4, "want the end"},
		{"end too early", "connect 7\nS: …\nC: QUIT\nS: x\n", 4, io.EOF.Error()},
		{"closed port", "connect 8\n", 1, "closed"},
		{"not connected", "S: x\n", 1, "connect first"},
		{"unknown word", "connect 7\nfly\n", 2, "fly"},
		{"unknown connection", "on stage\n", 1, "stage"},
		{"step fails", "fail for good\n", 1, "for good"},
		{"bad string", "connect 7\nc: x\n", 2, "Go string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, err := stage().Run(test.text)
			if err == nil || line != test.line || !strings.Contains(err.Error(), test.says) {
				t.Errorf("line %d: %v; want line %d: …%s…", line, err, test.line, test.says)
			}
		})
	}
}

func TestBareLFIsNoticed(t *testing.T) {
	s := Stage{Dial: func(string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			io.WriteString(server, "hello\n")
			server.Close()
		}()
		return client, nil
	}}
	if _, err := s.Run("connect 1\nS: hello\n"); err == nil || !strings.Contains(err.Error(), "CRLF") {
		t.Errorf("error is %v", err)
	}
}
