package imapd

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"*", []string{"", "INBOX", "a/b/c"}, nil},
		{"%", []string{"INBOX", "a"}, []string{"a/b"}},
		{"a/%", []string{"a/", "a/b"}, []string{"a", "a/b/c", "b/a"}},
		{"a*c", []string{"ac", "a/b/c", "aacc"}, []string{"a", "a/b/cd"}},
		{"%/%", []string{"a/b", "/"}, []string{"a", "a/b/c"}},
		{"*%*", []string{"", "a", "a/b"}, nil},
		{"inbox", []string{"INBOX"}, []string{"INBOX/a"}},
		{"iN%", []string{"INBOX"}, []string{"Inner"}},
		{"inbox/a", []string{"INBOX/a"}, []string{"INBOX/A", "inboxes/a", "INBOX"}},
		{"Inbox/%", []string{"INBOX/a", "INBOX/A"}, []string{"INBOX", "INBOX/a/b"}},
		{"*box*", []string{"INBOX", "INBOX/a"}, []string{"BOX"}},
		{"a", []string{"a"}, []string{"A", "", "aa"}},
		{"", []string{""}, []string{"a"}},
	} {
		for _, name := range c.yes {
			if !pattern(c.pattern).matches(name) {
				t.Errorf("%q does not match %q", c.pattern, name)
			}
		}
		for _, name := range c.no {
			if pattern(c.pattern).matches(name) {
				t.Errorf("%q matches %q", c.pattern, name)
			}
		}
	}
	if _, err := newPattern(strings.Repeat("*", maxPattern+1)); err == nil {
		t.Error("a pattern without end is taken")
	}
}

// Patterns match what the regular expressions match that say the same.
func TestPatternsAreRegular(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringOfN(rapid.RuneFrom([]rune("ab/*%")), 0, 8, -1).Draw(t, "pattern")
		name := rapid.StringOfN(rapid.RuneFrom([]rune("ab/")), 0, 8, -1).Draw(t, "name")
		same := strings.NewReplacer("*", ".*", "%", "[^/]*").Replace(p)
		if got, want := pattern(p).matches(name), regexp.MustCompile("^"+same+"$").MatchString(name); got != want {
			t.Fatalf("%q matches %q: %v, want %v", p, name, got, want)
		}
	})
}
