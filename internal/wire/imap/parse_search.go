package imap

import (
	"strings"
	"unicode/utf8"
)

// searchFlags are the keys that ask for a flag or for its absence.
var searchFlags = map[string]SearchKey{
	"ALL":        {Op: SearchAll},
	"ANSWERED":   {Op: SearchFlag, Flag: FlagAnswered},
	"DELETED":    {Op: SearchFlag, Flag: FlagDeleted},
	"DRAFT":      {Op: SearchFlag, Flag: FlagDraft},
	"FLAGGED":    {Op: SearchFlag, Flag: FlagFlagged},
	"SEEN":       {Op: SearchFlag, Flag: FlagSeen},
	"UNANSWERED": {Op: SearchNoFlag, Flag: FlagAnswered},
	"UNDELETED":  {Op: SearchNoFlag, Flag: FlagDeleted},
	"UNDRAFT":    {Op: SearchNoFlag, Flag: FlagDraft},
	"UNFLAGGED":  {Op: SearchNoFlag, Flag: FlagFlagged},
	"UNSEEN":     {Op: SearchNoFlag, Flag: FlagSeen},
	"RECENT":     {Op: SearchRecent},
	"OLD":        {Op: SearchOld},
	"NEW": {Op: SearchAnd, Keys: []SearchKey{
		{Op: SearchRecent}, {Op: SearchNoFlag, Flag: FlagSeen},
	}},
}

// searchHeaders are the keys that look into one header field.
var searchHeaders = map[string]string{"BCC": "Bcc", "CC": "Cc", "FROM": "From", "SUBJECT": "Subject", "TO": "To"}

var searchDates = map[string]SearchOp{
	"BEFORE": SearchBefore, "ON": SearchOn, "SINCE": SearchSince,
	"SENTBEFORE": SearchSentBefore, "SENTON": SearchSentOn, "SENTSINCE": SearchSentSince,
}

func (p *parser) search(uid bool) Request {
	s := Search{UID: uid}
	p.space()
	if len(p.line) >= 8 && strings.EqualFold(string(p.line[:8]), "CHARSET ") {
		p.expect("CHARSET ")
		s.Charset = strings.ToUpper(p.astring("a charset"))
		p.space()
	}
	k := keyParser{p: p, keys: p.d.limits.Keys, depth: p.d.limits.Depth, utf8: true}
	s.Key = k.all(0)
	// Text in a charset that the session will refuse anyhow is left alone.
	if (s.Charset == "" || s.Charset == "UTF-8" || s.Charset == "US-ASCII") && !k.utf8 && p.err == nil {
		p.fail("text to search for is not UTF-8")
	}
	return s
}

// keyParser reads the search keys of one SEARCH.
type keyParser struct {
	p     *parser
	keys  int // keys that may still come
	depth int
	utf8  bool // all text so far is UTF-8
}

// all reads keys beside each other: all of them must hold.
func (k *keyParser) all(depth int) SearchKey {
	first := k.key(depth)
	if k.p.next() != ' ' {
		return first
	}
	and := SearchKey{Op: SearchAnd, Keys: []SearchKey{first}}
	for k.p.take(' ') {
		and.Keys = append(and.Keys, k.key(depth))
	}
	return and
}

func (k *keyParser) key(depth int) SearchKey {
	p := k.p
	switch {
	case p.err != nil:
		return SearchKey{}
	case depth > k.depth:
		p.fail("search keys stand within more than %d others", k.depth)
		return SearchKey{}
	case k.keys == 0:
		p.fail("more than %d search keys", p.d.limits.Keys)
		return SearchKey{}
	}
	k.keys--
	switch c := p.next(); {
	case c == '(':
		p.expect("(")
		inner := k.all(depth + 1)
		p.expect(")")
		return inner
	case c == '*' || isDigit(c):
		return SearchKey{Op: SearchSeq, Set: p.seqSet()}
	}
	return k.named(p.word("a search key"), depth)
}

func (k *keyParser) named(name string, depth int) SearchKey {
	p := k.p
	if key, ok := searchFlags[name]; ok {
		return key
	}
	if field, ok := searchHeaders[name]; ok {
		return SearchKey{Op: SearchHeader, Field: field, Text: k.text()}
	}
	if op, ok := searchDates[name]; ok {
		p.space()
		return SearchKey{Op: op, Date: p.day()}
	}
	switch name {
	case "NOT":
		p.space()
		return SearchKey{Op: SearchNot, Keys: []SearchKey{k.key(depth + 1)}}
	case "OR":
		p.space()
		first := k.key(depth + 1)
		p.space()
		return SearchKey{Op: SearchOr, Keys: []SearchKey{first, k.key(depth + 1)}}
	case "BODY":
		return SearchKey{Op: SearchBody, Text: k.text()}
	case "TEXT":
		return SearchKey{Op: SearchText, Text: k.text()}
	case "HEADER":
		p.space()
		field := p.fieldName()
		return SearchKey{Op: SearchHeader, Field: field, Text: k.text()}
	case "KEYWORD", "UNKEYWORD":
		p.space()
		op := SearchFlag
		if name == "UNKEYWORD" {
			op = SearchNoFlag
		}
		return SearchKey{Op: op, Flag: p.flag()}
	case "LARGER", "SMALLER":
		p.space()
		op := SearchLarger
		if name == "SMALLER" {
			op = SearchSmaller
		}
		return SearchKey{Op: op, Size: int64(p.number("a size in octets"))}
	case "UID":
		return SearchKey{Op: SearchUID, Set: p.seqSetArg()}
	}
	p.fail("unknown search key %+q", name[:min(len(name), 40)])
	return SearchKey{}
}

// text reads a string to look for.
func (k *keyParser) text() string {
	k.p.space()
	text := k.p.astring("text to search for")
	k.utf8 = k.utf8 && utf8.ValidString(text)
	return text
}
