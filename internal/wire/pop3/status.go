package pop3

import (
	"fmt"
	"strings"
)

// Code is a response code (RFC 2449 §8), without its brackets.
type Code string

// The response codes of RFC 2449 and RFC 3206.
const (
	CodeInUse      Code = "IN-USE"
	CodeLoginDelay Code = "LOGIN-DELAY"
	CodeAuth       Code = "AUTH"
	CodeSysTemp    Code = "SYS/TEMP"
	CodeSysPerm    Code = "SYS/PERM"
)

// Status is the first line of every response.
type Status struct {
	OK bool
	// Code is empty when there is none. A parsed one is in upper case.
	Code Code
	Text string
}

// OK makes a positive status.
func OK(text string) Status { return Status{OK: true, Text: text} }

// Err makes a negative status; the code may be empty.
func Err(code Code, text string) Status { return Status{Code: code, Text: text} }

// String prints the line as it goes over the wire, CRLF included. What is not
// printable ASCII is replaced and what is too long is cut, so that nothing
// quoted back to a client can end a line or break its reader.
func (s Status) String() string {
	words := []string{"-ERR"}
	if s.OK {
		words[0] = "+OK"
	}
	if s.Code != "" {
		words = append(words, "["+string(s.Code)+"]")
	}
	if s.Text != "" {
		words = append(words, printable(s.Text))
	}
	line := strings.Join(words, " ")
	return line[:min(len(line), MaxStatusLine-2)] + "\r\n"
}

func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
}

// ParseStatus parses a status line without its line end. It is tolerant of
// case; the error says that a line is neither +OK nor -ERR.
func ParseStatus(line string) (Status, error) {
	word, text, _ := strings.Cut(line, " ")
	var s Status
	switch strings.ToUpper(word) {
	case "+OK":
		s.OK = true
	case "-ERR":
	default:
		return Status{}, fmt.Errorf("pop3: line %q begins with neither +OK nor -ERR", shorten(line))
	}
	s.Code, s.Text = cutCode(text)
	return s, nil
}

// cutCode takes a response code off the front of a text.
func cutCode(text string) (Code, string) {
	inner, ok := strings.CutPrefix(text, "[")
	if !ok {
		return "", text
	}
	code, rest, ok := strings.Cut(inner, "]")
	if !ok || code == "" || strings.ContainsAny(code, " [") {
		return "", text
	}
	return Code(strings.ToUpper(code)), strings.TrimPrefix(rest, " ")
}
