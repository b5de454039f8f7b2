package dialogue

import (
	"fmt"
	"regexp"
	"strings"
)

// hole is what an S line may hold beside its text: any text, or a variable.
var hole = regexp.MustCompile(`…|«[a-z0-9-]+»`)

// fill puts the values of variables into what the client says.
func (p *player) fill(text string) (string, error) {
	var unknown string
	filled := hole.ReplaceAllStringFunc(text, func(word string) string {
		value, ok := p.vars[nameOf(word)]
		if !ok {
			unknown = word
		}
		return value
	})
	if unknown != "" {
		return "", fmt.Errorf("%s has no value", unknown)
	}
	return filled, nil
}

// match compares what was heard with what is written, and keeps the values of
// variables that had none.
func (p *player) match(want, got string) error {
	var pattern strings.Builder
	var learned []string
	pattern.WriteString(`\A`)
	at := 0
	for _, span := range hole.FindAllStringIndex(want, -1) {
		pattern.WriteString(regexp.QuoteMeta(want[at:span[0]]))
		word := want[span[0]:span[1]]
		at = span[1]
		if value, ok := p.vars[nameOf(word)]; ok {
			pattern.WriteString(regexp.QuoteMeta(value))
		} else if word == "…" {
			pattern.WriteString(`.*`)
		} else {
			pattern.WriteString(`(.+?)`)
			learned = append(learned, nameOf(word))
		}
	}
	pattern.WriteString(regexp.QuoteMeta(want[at:]) + `\z`)
	found := regexp.MustCompile(pattern.String()).FindStringSubmatch(got)
	if found == nil {
		return fmt.Errorf("heard %q, want %q", got, want)
	}
	for i, name := range learned {
		p.vars[name] = found[i+1]
	}
	return nil
}

func nameOf(word string) string { return strings.Trim(word, "«»") }
