package secret

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// base64Run matches what may be a base64 argument: SASL responses (RFC 4954
// §4, RFC 9051 §6.2.2, RFC 5034 §4) are one such word on a line.
var base64Run = regexp.MustCompile(`[A-Za-z0-9+/]{4,}={0,2}`)

// quoted escapes a text as an IMAP quoted string does (RFC 9051 §4.3).
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Masker takes secrets out of lines of dialogue. The zero value masks
// nothing. It is safe for use by several goroutines at once.
type Masker struct{ texts []string }

// NewMasker makes a Masker for the given secrets; empty ones are ignored.
func NewMasker(secrets ...Secret) *Masker {
	m := &Masker{}
	for _, s := range secrets {
		if s.Empty() {
			continue
		}
		m.texts = append(m.texts, s.text)
		if q := quoted.Replace(s.text); q != s.text {
			m.texts = append(m.texts, q)
		}
	}
	// A secret that contains another one must go first, or its rest would stay.
	slices.SortFunc(m.texts, func(a, b string) int { return len(b) - len(a) })
	return m
}

// Mask returns line with every secret replaced by [Mask]: in plain, as an IMAP
// quoted string, and inside base64 words such as SASL PLAIN and LOGIN
// responses, of which the whole word goes.
func (m *Masker) Mask(line string) string {
	if m == nil || len(m.texts) == 0 {
		return line
	}
	line = base64Run.ReplaceAllStringFunc(line, func(word string) string {
		if m.holds(decode(word)) {
			return Mask
		}
		return word
	})
	for _, text := range m.texts {
		line = strings.ReplaceAll(line, text, Mask)
	}
	return line
}

func (m *Masker) holds(s string) bool {
	return slices.ContainsFunc(m.texts, func(text string) bool { return strings.Contains(s, text) })
}

// decode reads a base64 word leniently: padding may lack and a last lone
// character is dropped, because a cut response still gives a secret away.
func decode(word string) string {
	word = strings.TrimRight(word, "=")
	if len(word)%4 == 1 {
		word = word[:len(word)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(word)
	return string(out)
}
