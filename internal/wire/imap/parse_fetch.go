package imap

import (
	"slices"
	"strconv"
	"strings"
)

// The macros of RFC 3501 §6.4.5; they stand alone, never in parentheses.
var fetchMacros = map[string][]FetchKind{
	"FAST": {FetchFlags, FetchInternalDate, FetchSize},
	"ALL":  {FetchFlags, FetchInternalDate, FetchSize, FetchEnvelope},
	"FULL": {FetchFlags, FetchInternalDate, FetchSize, FetchEnvelope, FetchBody},
}

var fetchItems = map[string]FetchItem{
	"FLAGS":         {Kind: FetchFlags},
	"UID":           {Kind: FetchUID},
	"INTERNALDATE":  {Kind: FetchInternalDate},
	"RFC822.SIZE":   {Kind: FetchSize},
	"ENVELOPE":      {Kind: FetchEnvelope},
	"BODY":          {Kind: FetchBody},
	"BODYSTRUCTURE": {Kind: FetchBodyStructure},
	"RFC822":        {Kind: FetchSection, Section: Section{OldName: "RFC822"}},
	"RFC822.HEADER": {Kind: FetchSection, Section: Section{OldName: "RFC822.HEADER", Text: SectionHeader, Peek: true}},
	"RFC822.TEXT":   {Kind: FetchSection, Section: Section{OldName: "RFC822.TEXT", Text: SectionBody}},
}

func (p *parser) fetch(uid bool) Request {
	f := Fetch{UID: uid, Set: p.seqSetArg()}
	p.space()
	if p.next() == '(' {
		p.list(func() { f.Items = p.fetchItem(f.Items) })
	} else {
		f.Items = p.fetchAlone()
	}
	if p.err == nil && len(f.Items) == 0 {
		p.fail("expected something to fetch")
	}
	isUID := func(i FetchItem) bool { return i.Kind == FetchUID }
	if uid && !slices.ContainsFunc(f.Items, isUID) {
		f.Items = slices.Insert(f.Items, 0, FetchItem{Kind: FetchUID})
	}
	return f
}

// fetchAlone reads a macro or a single item.
func (p *parser) fetchAlone() []FetchItem {
	for macro, kinds := range fetchMacros {
		if !strings.EqualFold(string(p.line), macro) {
			continue
		}
		p.line = p.line[len(p.line):]
		items := make([]FetchItem, len(kinds))
		for i, kind := range kinds {
			items[i].Kind = kind
		}
		return items
	}
	return p.fetchItem(nil)
}

func (p *parser) fetchItem(items []FetchItem) []FetchItem {
	if len(items) == p.d.limits.Keys {
		p.fail("more than %d items to fetch", p.d.limits.Keys)
		return items
	}
	name := strings.ToUpper(p.while(isItemChar, "something to fetch"))
	if p.next() == '[' && (name == "BODY" || name == "BODY.PEEK") {
		section := p.section()
		section.Peek = name == "BODY.PEEK"
		return append(items, FetchItem{FetchSection, section})
	}
	item, known := fetchItems[name]
	if !known {
		p.fail("%+q is nothing that can be fetched", name[:min(len(name), 40)])
	}
	return append(items, item)
}

func isItemChar(c byte) bool { return isAtomChar(c) && c != '[' }

func isSectionChar(c byte) bool { return isAtomChar(c) }

// maxPartDepth bounds the part numbers of one section, and so the length of
// the response that repeats them.
const maxPartDepth = 100

func (p *parser) section() Section {
	var s Section
	p.expect("[")
	rest := ""
	if p.next() != ']' {
		rest = strings.ToUpper(p.while(isSectionChar, "a section"))
	}
	for rest != "" && isDigit(rest[0]) {
		number, after, dot := strings.Cut(rest, ".")
		rest = after
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n == 0 || dot && after == "" || len(s.Part) == maxPartDepth {
			p.fail("%+q is not a part of a message", number[:min(len(number), 40)])
			return s
		}
		s.Part = append(s.Part, int(n))
	}
	text := slices.Index(sectionTexts[:], rest)
	if text < 0 || rest == "MIME" && len(s.Part) == 0 {
		p.fail("%+q is not a section of a message", rest[:min(len(rest), 40)])
		return s
	}
	s.Text = SectionText(text)
	if s.Text == SectionFields || s.Text == SectionFieldsNot {
		p.space()
		p.list(func() { s.Fields = append(s.Fields, p.fieldName()) })
		if p.err == nil && len(s.Fields) == 0 {
			p.fail("expected the name of a header field")
		}
	}
	p.expect("]")
	if p.next() == '<' {
		s.Partial = p.partial()
	}
	return s
}

// fieldName reads the name of a header field; RFC 5322 §2.2 says of which
// characters it is made.
func (p *parser) fieldName() string {
	name := p.astring("the name of a header field")
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }) {
		p.fail("%+q is not the name of a header field", name[:min(len(name), 40)])
	}
	return name
}

func (p *parser) partial() *Partial {
	p.expect("<")
	offset := p.number("an offset")
	p.expect(".")
	count := p.number("a number of octets")
	p.expect(">")
	if p.err == nil && count == 0 {
		p.fail("a partial fetch of 0 octets fetches nothing")
	}
	return &Partial{offset, count}
}

// number reads a number of 32 bits.
func (p *parser) number(what string) uint32 {
	digits := p.while(isDigit, what)
	if p.err != nil {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		p.fail("%s is not a number below 4294967296", digits[:min(len(digits), 40)])
	}
	return uint32(n)
}
