package smtp

import (
	"slices"
	"strconv"
	"strings"
)

// Extensions are the service extensions that a server's reply to EHLO lists
// (RFC 5321 §4.1.1.1).
type Extensions struct {
	// Server is the name by which the server greets.
	Server string
	// List holds the keywords in the server's order.
	List []Extension
}

// Extension is one line of the EHLO reply.
type Extension struct {
	// Keyword is in upper case.
	Keyword string
	// Params are as sent.
	Params []string
}

// ParseExtensions reads the reply to EHLO. Any reply gives a value: a line
// that is no keyword is kept by its first word, in upper case.
func ParseExtensions(r Reply) Extensions {
	var e Extensions
	for i, line := range r.Lines {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case i == 0:
			e.Server = words[0]
		default:
			e.List = append(e.List, Extension{strings.ToUpper(words[0]), words[1:]})
		}
	}
	return e
}

// Lookup finds a keyword, in any case.
func (e Extensions) Lookup(keyword string) (Extension, bool) {
	for _, x := range e.List {
		if strings.EqualFold(x.Keyword, keyword) {
			return x, true
		}
	}
	return Extension{}, false
}

// Mechanisms lists the SASL mechanisms in upper case, from "AUTH PLAIN" and
// from the old "AUTH=PLAIN" alike.
func (e Extensions) Mechanisms() []string {
	var all []string
	add := func(names ...string) {
		for _, name := range names {
			name = strings.ToUpper(name)
			if name != "" && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	for _, x := range e.List {
		if old, ok := strings.CutPrefix(x.Keyword, "AUTH="); ok {
			add(old)
			add(x.Params...)
		}
		if x.Keyword == string(AUTH) {
			add(x.Params...)
		}
	}
	return all
}

// Size is the server's limit of a message in octets, 0 when it names none;
// known says whether the server has the SIZE extension at all.
func (e Extensions) Size() (octets int64, known bool) {
	x, known := e.Lookup("SIZE")
	if !known || len(x.Params) == 0 || !isDigits(x.Params[0]) {
		return 0, known
	}
	octets, err := strconv.ParseInt(x.Params[0], 10, 64)
	if err != nil {
		return 0, known
	}
	return octets, known
}
