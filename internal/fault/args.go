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
// reads as a sentence on the catalogue page too. Where there are arguments, but
// none for {instead}, the steps that advise it are left out.
func (f Fault) With(args Args) Fault {
	f.Title, f.Explanation = args.fill(f.Title), args.fill(f.Explanation)
	f.Verify, f.Evidence = args.fill(f.Verify), args.fill(f.Evidence)
	var steps []string
	for _, step := range f.Fix {
		if args == nil || args["instead"] != "" || !strings.Contains(step, "{instead}") {
			steps = append(steps, args.fill(step))
		}
	}
	f.Fix = steps
	return f
}

var argument = regexp.MustCompile(`\{[a-z]+\}`)

// fill replaces the arguments in text. Words, as opposed to names such as a
// host's, get a capital when they come to stand at the beginning.
func (a Args) fill(text string) string {
	first := strings.HasPrefix(text, "{")
	return argument.ReplaceAllStringFunc(text, func(match string) string {
		name := match[1 : len(match)-1]
		value := a[name]
		if name == "zone" {
			value = a["domain"]
		}
		isName := value != "" && name != "port"
		if value == "" {
			value = general[name]
		}
		if first && !isName {
			value = capital(value)
		}
		first = false
		return value
	})
}

// capital returns s with its first letter as a capital.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// general names every argument that texts may use, with the words that stand
// for it when no evidence gives a value.
var general = Args{
	"ago":      "some time ago",
	"date":     "a date to come",
	"domain":   "the domain",
	"host":     "the server",
	"instead":  "the name that the report gives",
	"issuer":   "the one named as its issuer",
	"names":    "other names",
	"port":     "the port", // with the word: "port 993"
	"protocol": "mail",
	"seconds":  "some",
	"service":  "another service",
	"zone":     "example.com", // the domain as a part of a name: "mail.{zone}"
}
