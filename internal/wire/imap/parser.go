package imap

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// parser reads the words of one command. After its first error every method
// returns a zero value at once, so that a rule of the grammar reads as one
// line after another and asks for the error once, at its end.
type parser struct {
	d      *Decoder
	line   []byte // what of the current line is not yet read
	budget int    // octets that the command may still cost
	err    error

	tag, name string // for the errors
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{Text: fmt.Sprintf(format, args...)}
	}
}

// nextLine replaces the line, which was read to its end.
func (p *parser) nextLine() {
	if p.err != nil {
		return
	}
	first := p.tag == "" && p.line == nil
	p.line, p.err = p.d.src.ReadLine(p.d.limits.Line)
	if !first {
		p.err = noEOF(p.err)
	}
	if p.budget -= len(p.line); p.err == nil && p.budget < 0 {
		p.fail("command is longer than %d octets", p.d.limits.Command)
	}
}

func (p *parser) end() {
	if p.err == nil && len(p.line) > 0 {
		p.fail("expected the end of the line at %s", p.here())
	}
}

// here quotes what comes next, for an error.
func (p *parser) here() string {
	if len(p.line) == 0 {
		return "the end of the line"
	}
	return fmt.Sprintf("%+q", p.line[:min(len(p.line), 20)])
}

// next is the next octet of the line, 0 at its end; NUL is not in the grammar.
func (p *parser) next() byte {
	if p.err != nil || len(p.line) == 0 {
		return 0
	}
	return p.line[0]
}

// take reads the octet c if it comes next.
func (p *parser) take(c byte) bool {
	if p.next() != c || c == 0 {
		return false
	}
	p.line = p.line[1:]
	return true
}

// expect reads s, ignoring case.
func (p *parser) expect(s string) {
	if p.err != nil {
		return
	}
	if len(p.line) < len(s) || !strings.EqualFold(string(p.line[:len(s)]), s) {
		p.fail("expected %q at %s", s, p.here())
		return
	}
	p.line = p.line[len(s):]
}

func (p *parser) space() { p.expect(" ") }

// while reads the octets that belong, and at least one.
func (p *parser) while(belongs func(byte) bool, what string) string {
	if p.err != nil {
		return ""
	}
	n := slices.IndexFunc(p.line, func(c byte) bool { return !belongs(c) })
	if n < 0 {
		n = len(p.line)
	}
	if n == 0 {
		p.fail("expected %s at %s", what, p.here())
		return ""
	}
	word := string(p.line[:n])
	p.line = p.line[n:]
	return word
}

// isAtomChar follows ATOM-CHAR of RFC 3501 §9.
func isAtomChar(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`(){%*"\]`, rune(c))
}

func isAStringChar(c byte) bool { return isAtomChar(c) || c == ']' }

func isTagChar(c byte) bool { return isAStringChar(c) && c != '+' }

func isListChar(c byte) bool { return isAStringChar(c) || c == '%' || c == '*' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (p *parser) atom(what string) string { return p.while(isAtomChar, what) }

// word is an atom in upper case: a keyword of the grammar.
func (p *parser) word(what string) string { return strings.ToUpper(p.atom(what)) }

func (p *parser) astring(what string) string { return p.stringOr(isAStringChar, what) }

// stringOr reads a quoted string, a literal, or a bare word of such octets.
func (p *parser) stringOr(bare func(byte) bool, what string) string {
	switch p.next() {
	case '"', '{':
		return p.string(what)
	}
	return p.while(bare, what)
}

// string reads a quoted string or a literal. Both may hold octets above 127:
// what they mean is for the rule that reads the string to say.
func (p *parser) string(what string) string {
	switch p.next() {
	case '"':
		return p.quoted()
	case '{':
		return p.literal()
	}
	p.fail("expected %s as a string at %s", what, p.here())
	return ""
}

func (p *parser) quoted() string {
	p.expect(`"`)
	if p.err != nil {
		return ""
	}
	var text []byte
	for i := 0; i < len(p.line); i++ {
		switch c := p.line[i]; c {
		case '"':
			p.line = p.line[i+1:]
			return string(text)
		case '\\':
			if i++; i == len(p.line) || p.line[i] != '"' && p.line[i] != '\\' {
				p.fail(`a backslash in a quoted string stands only before " and \`)
				return ""
			}
			text = append(text, p.line[i])
		case 0:
			p.fail("a quoted string must not hold NUL")
			return ""
		default:
			text = append(text, c)
		}
	}
	p.fail("quoted string has no end")
	return ""
}

// literal reads a literal that is no message.
func (p *parser) literal() string {
	size, sync := p.literalSize()
	if p.err != nil {
		return ""
	}
	if size > int64(p.d.limits.Literal) || size > int64(p.budget) {
		p.fail("literal of %d octets is longer than the limit of %d", size, min(p.d.limits.Literal, p.budget))
		return ""
	}
	p.budget -= int(size)
	if sync {
		if p.err = p.d.proceed(); p.err != nil {
			return ""
		}
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(p.d.src, text); err != nil {
		p.err = noEOF(err)
		return ""
	}
	p.nextLine()
	if slices.Contains(text, 0) {
		p.fail("a literal must not hold NUL")
	}
	return string(text)
}

// literalSize looks at the announcement of a literal and leaves it in the
// line, where resync finds it if the literal is refused.
func (p *parser) literalSize() (size int64, sync bool) {
	if p.err != nil {
		return 0, false
	}
	size, sync, ok := literalAtEnd(p.line)
	if !ok || strings.LastIndexByte(string(p.line), '{') != 0 {
		p.fail("expected a literal such as {12} at the end of the line at %s", p.here())
	}
	return size, sync
}

// list reads items in parentheses with one space between them.
func (p *parser) list(item func()) {
	p.expect("(")
	if p.take(')') {
		return
	}
	for p.err == nil {
		item()
		if p.take(')') {
			return
		}
		p.space()
	}
}

func (p *parser) mailbox() string {
	name, err := DecodeMailbox(p.astring("a mailbox name"))
	if err != nil {
		p.fail("%s", err)
	}
	return name
}

func (p *parser) flag() Flag {
	if p.take('\\') {
		return canonicalFlag(`\` + p.atom("a flag"))
	}
	return canonicalFlag(p.atom("a flag"))
}

func (p *parser) flagList() []Flag {
	flags := []Flag{}
	p.list(func() { flags = p.addFlag(flags) })
	return flags
}

// addFlag adds the next flag unless it is there already.
func (p *parser) addFlag(flags []Flag) []Flag {
	f := p.flag()
	if slices.Contains(flags, f) {
		return flags
	}
	if len(flags) == p.d.limits.Keys {
		p.fail("more than %d flags", p.d.limits.Keys)
		return flags
	}
	return append(flags, f)
}

func (p *parser) seqSet() SeqSet {
	text := p.while(func(c byte) bool { return isDigit(c) || c == ':' || c == ',' || c == '*' }, "a sequence set")
	if p.err != nil {
		return nil
	}
	set, err := ParseSeqSet(text)
	if err != nil {
		p.fail("%+q is %s", text[:min(len(text), 40)], err)
	}
	return set
}
