package message

import "strings"

// ParseAddresses reads an address list, obsolete forms, groups and mistakes
// included (RFC 5322 §3.4, §4.4). What has neither address nor name is left
// out, and what comes after MaxAddresses entries.
func ParseAddresses(list string) []Address {
	p := addressParser{rest: list}
	for p.rest != "" && len(p.list) < MaxAddresses {
		p.entry()
	}
	if p.inGroup {
		p.endGroup()
	}
	return p.list
}

type addressParser struct {
	rest    string
	list    []Address
	inGroup bool
	// unclosed holds the quotes and brackets that are known to have no end in
	// the rest: they stand for themselves.
	unclosed string
}

// A token is a piece of an address list.
type token struct {
	// kind is 'a' for a word, '"' for a quoted string, '(' for a comment, '['
	// for a domain literal with its brackets, and otherwise one of "<>@,:;".
	kind byte
	text string
	// spaced says that white space or a comment stands before it.
	spaced bool
}

// entry reads one entry with the separator that ends it.
func (p *addressParser) entry() {
	var words []token
	comment := ""
	for {
		t, ok := p.token()
		switch {
		case !ok || t.kind == ',':
			p.add(bareAddress(words, comment))
			return
		case t.kind == ';':
			p.add(bareAddress(words, comment))
			p.endGroup()
			return
		case t.kind == ':' && !hasAt(words):
			p.endGroup()
			p.list = append(p.list, Address{Kind: GroupStart, Name: phrase(words)})
			p.inGroup = true
			return
		case t.kind == '<':
			p.angle(words, comment)
			return
		case t.kind == '(' && comment == "":
			comment = t.text
		case t.kind != '(' && t.kind != '>':
			words = append(words, t)
		}
	}
}

// angle reads an address after "<" and what follows it up to a separator.
func (p *addressParser) angle(name []token, comment string) {
	var inside []token
	var t token
	ok := true
	for {
		if t, ok = p.token(); !ok || t.kind == '>' || t.kind == ';' || t.kind == ',' && !isRoute(inside) {
			break
		}
		if t.kind != '(' && t.kind != '<' {
			inside = append(inside, t)
		}
	}
	for ok && t.kind != ',' && t.kind != ';' {
		if t, ok = p.token(); t.kind == '(' && comment == "" {
			comment = t.text
		}
	}
	a := Address{Name: phrase(name)}
	if a.Name == "" {
		a.Name = comment
	}
	a.Route, inside = cutRoute(inside)
	a.Local, a.Domain = addrSpec(inside)
	p.add(a)
	if t.kind == ';' {
		p.endGroup()
	}
}

func (p *addressParser) add(a Address) {
	if a.Name != "" || a.Local != "" || a.Domain != "" {
		p.list = append(p.list, a)
	}
}

func (p *addressParser) endGroup() {
	if p.inGroup {
		p.list = append(p.list, Address{Kind: GroupEnd})
		p.inGroup = false
	}
}

// isRoute reports whether what stands after "<" is a source route so far:
// "@" without the ":" that ends it.
func isRoute(tokens []token) bool {
	return len(tokens) > 0 && tokens[0].kind == '@' && tokens[len(tokens)-1].kind != ':' && !hasKind(tokens, ':')
}

// cutRoute takes the source route off (RFC 5322 §4.4).
func cutRoute(tokens []token) (route string, rest []token) {
	if len(tokens) == 0 || tokens[0].kind != '@' {
		return "", tokens
	}
	for i, t := range tokens {
		if t.kind == ':' {
			return plain(tokens[:i]), tokens[i+1:]
		}
	}
	return "", tokens[1:]
}

// bareAddress makes an address of an entry without "<": words before the
// address itself are taken as its name.
func bareAddress(words []token, comment string) Address {
	start := len(words)
	if at := lastAt(words); at >= 0 {
		start = at
		for start > 0 && isJoined(words, start, at) {
			start--
		}
	} else if len(words) == 1 {
		start = 0
	}
	a := Address{Name: phrase(words[:start])}
	if a.Name == "" {
		a.Name = comment
	}
	a.Local, a.Domain = addrSpec(words[start:])
	return a
}

// isJoined reports whether the word before i belongs to the same local part as
// the one at i: next to it, or with white space around a dot or before the @.
func isJoined(words []token, i, at int) bool {
	return !words[i].spaced || i == at ||
		strings.HasSuffix(words[i-1].text, ".") || strings.HasPrefix(words[i].text, ".")
}

// addrSpec splits an address at its last @.
func addrSpec(words []token) (local, domain string) {
	at := lastAt(words)
	if at < 0 {
		return plain(words), ""
	}
	return plain(words[:at]), plain(words[at+1:])
}

func lastAt(words []token) int {
	for i := len(words) - 1; i >= 0; i-- {
		if words[i].kind == '@' {
			return i
		}
	}
	return -1
}

func hasAt(words []token) bool { return lastAt(words) >= 0 }

func hasKind(tokens []token, kind byte) bool {
	for _, t := range tokens {
		if t.kind == kind {
			return true
		}
	}
	return false
}

// plain joins tokens without white space.
func plain(words []token) string {
	var out strings.Builder
	for _, w := range words {
		out.WriteString(w.text)
	}
	return out.String()
}

// phrase joins words as a display name, one space where there is any.
func phrase(words []token) string {
	var out strings.Builder
	for _, w := range words {
		if w.spaced && out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(w.text)
	}
	return out.String()
}

// token reads the next token.
func (p *addressParser) token() (t token, ok bool) {
	s := strings.TrimLeft(p.rest, " \t\r\n\x00")
	t.spaced = len(s) < len(p.rest)
	p.rest = s
	if s == "" {
		return t, false
	}
	switch c := s[0]; c {
	case '<', '>', '@', ',', ':', ';':
		t.kind, t.text, p.rest = c, s[:1], s[1:]
		return t, true
	case '"', '(', '[':
		if end := p.closing(s); end > 0 {
			t.kind, t.text, p.rest = c, s[1:end], s[end+1:]
			if c == '[' {
				t.text = s[:end+1]
			} else if strings.ContainsRune(t.text, '\\') {
				t.text = unescape(t.text)
			}
			return t, true
		}
	}
	end := strings.IndexAny(s[1:], " \t\r\n\x00<>@,:;\"([") + 1
	if end == 0 {
		end = len(s)
	}
	t.kind, t.text, p.rest = 'a', s[:end], s[end:]
	return t, true
}

// closing returns where what s begins with is closed, -1 where it is not.
func (p *addressParser) closing(s string) int {
	if strings.IndexByte(p.unclosed, s[0]) >= 0 {
		return -1
	}
	end := -1
	switch s[0] {
	case '"':
		end = quoteEnd(s)
	case '(':
		end = commentEnd(s, 0)
	case '[':
		end = strings.IndexByte(s, ']')
	}
	if end < 0 {
		p.unclosed += s[:1]
	}
	return end
}

func quoteEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unescape removes the backslashes of quoted pairs.
func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
