package script

import (
	"fmt"
	"strings"
)

// pattern is a line that a client may send, word by word.
type pattern struct {
	words []string // literal words, and names in braces
	rest  bool     // anything may follow
}

func parsePattern(text string) (pattern, error) {
	p := pattern{words: strings.Fields(text)}
	if n := len(p.words); n > 0 && p.words[n-1] == "..." {
		p.words, p.rest = p.words[:n-1], true
	}
	for _, w := range p.words {
		if w == "..." {
			return p, fmt.Errorf("... stands only at the end of a pattern")
		}
	}
	return p, nil
}

// define makes the names of the pattern known.
func (p pattern) define(names map[string]string) {
	for _, w := range p.words {
		if variable.MatchString(w) {
			names[w[1:len(w)-1]] = ""
		}
	}
}

// match compares a line with the pattern, and puts what its names stand for
// into vars if it matches.
func (p pattern) match(line []string, vars map[string]string) bool {
	if len(line) < len(p.words) || (len(line) > len(p.words) && !p.rest) {
		return false
	}
	for i, w := range p.words {
		if !variable.MatchString(w) && !strings.EqualFold(w, line[i]) {
			return false
		}
	}
	for i, w := range p.words {
		if variable.MatchString(w) {
			vars[w[1:len(w)-1]] = line[i]
		}
	}
	return true
}

// split cuts a line into words at spaces. A quoted string is one word, without
// its quotes.
func split(line string) []string {
	var words []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		var word string
		if line[0] == '"' {
			word, line = quoted(line[1:])
		} else {
			word, line, _ = strings.Cut(line, " ")
		}
		words = append(words, word)
	}
	return words
}

// quoted reads up to the closing quote; a backslash makes the next byte plain.
func quoted(s string) (word, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
