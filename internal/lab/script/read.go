package script

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// expect reads a line in the middle of a block. One that does not match, such
// as "*" instead of a response, leaves the pattern's names empty.
func (se *session) expect(p pattern) error {
	p.define(se.vars)
	words, err := se.readWords()
	if err == nil {
		p.match(words, se.vars)
	}
	return err
}

func (se *session) skipBody() error {
	for {
		line, err := se.readLine()
		if err != nil || line == "." {
			return err
		}
	}
}

// readAny takes the first bytes that come, a line or not.
func (se *session) readAny() error {
	if err := se.await(); err != nil {
		return err
	}
	if _, err := se.in.Peek(1); err != nil {
		return err
	}
	_, err := se.in.Discard(se.in.Buffered())
	se.hears()
	return err
}

func (se *session) readWords() ([]string, error) {
	line, err := se.readLine()
	if err != nil {
		return nil, err
	}
	words := split(line)
	if !se.server.Script.literals {
		return words, nil
	}
	return se.readLiterals(words)
}

// readLine sends what was said and reads the client's next line.
func (se *session) readLine() (string, error) {
	if err := se.await(); err != nil {
		return "", err
	}
	line, err := se.in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	se.hears()
	return strings.TrimRight(string(line), "\r\n"), nil
}

// await sends what was said, before the server listens again.
func (se *session) await() error {
	se.tcp.SetDeadline(time.Now().Add(idleLimit))
	return se.out.Flush()
}

// hears counts the session when its client first speaks.
func (se *session) hears() {
	if !se.spoke {
		se.spoke = true
		se.server.Counter.began()
	}
}

// literal is the end of a line that announces bytes, RFC 3501 §4.3 and RFC 7888.
var literal = regexp.MustCompile(`^\{(\d+)(\+?)\}$`)

// readLiterals completes a command whose last word announces a literal, which
// becomes a word itself.
func (se *session) readLiterals(words []string) ([]string, error) {
	for len(words) > 0 {
		announced := literal.FindStringSubmatch(words[len(words)-1])
		if announced == nil {
			break
		}
		size, err := strconv.Atoi(announced[1])
		if err != nil || size > lineLimit {
			return nil, fmt.Errorf("literal of %s bytes", announced[1])
		}
		if announced[2] == "" {
			se.out.WriteString("+ go ahead\r\n")
			se.out.Flush()
		}
		bytes := make([]byte, size)
		if _, err := io.ReadFull(se.in, bytes); err != nil {
			return nil, err
		}
		rest, err := se.readLine()
		if err != nil {
			return nil, err
		}
		words = append(words[:len(words)-1], string(bytes))
		words = append(words, split(rest)...)
	}
	return words, nil
}
