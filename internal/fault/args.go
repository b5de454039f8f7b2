package fault

import (
	"regexp"
	"strings"
)

// Args are the values of the arguments in a fault's texts, by name without
// braces: Args{"host": "mail.example.com"}.
type Args map[string]string

// With returns the fault with its arguments filled in. An argument without a
// value gets general words ("the server" for {host}), so that every text
// reads as a sentence on the catalogue page too.
func (f Fault) With(args Args) Fault {
	f.Title, f.Explanation = args.fill(f.Title), args.fill(f.Explanation)
	f.Verify, f.Evidence = args.fill(f.Verify), args.fill(f.Evidence)
	steps := make([]string, len(f.Fix))
	for i, step := range f.Fix {
		steps[i] = args.fill(step)
	}
	f.Fix = steps
	return f
}

var argument = regexp.MustCompile(`\{[a-z]+\}`)

// fill replaces the arguments in text. General words that come to stand at
// its beginning get a capital.
func (a Args) fill(text string) string {
	begins := strings.HasPrefix(text, "{")
	first := true
	return argument.ReplaceAllStringFunc(text, func(match string) string {
		atStart := begins && first
		first = false
		name := match[1 : len(match)-1]
		if v := a[name]; v != "" {
			return v
		}
		words := general[name]
		if atStart && words != "" {
			words = strings.ToUpper(words[:1]) + words[1:]
		}
		return words
	})
}

// general names every argument that texts may use, with the words that stand
// for it when no evidence gives a value.
var general = Args{
	"account":  "the account",
	"address":  "the address",
	"detail":   "see the evidence",
	"domain":   "the domain",
	"host":     "the server",
	"instead":  "the name that the certificate lists",
	"issuer":   "an authority that is not in the list",
	"names":    "other names",
	"port":     "the port",
	"protocol": "mail",
	"reply":    "its reply",
	"security": "the security setting",
	"seconds":  "some",
	"service":  "another service",
	"when":     "at the date in the certificate",
}
