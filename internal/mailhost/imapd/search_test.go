package imapd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// letterBox is what a search has to choose from: each message's properties, by
// the search keys that ask for one.
var letterBox = []struct {
	seen  bool
	words string // in the subject
	text  string
}{
	{false, "apples", "one"},
	{true, "apples and pears", "two"},
	{true, "pears", strings.Repeat("three ", 50)},
	{false, "", "apples"},
}

// key is a search key with the messages that it must find.
type key struct {
	text  string
	finds []int
}

func allBut(not []int) (rest []int) {
	for n := 1; n <= len(letterBox); n++ {
		if !slices.Contains(not, n) {
			rest = append(rest, n)
		}
	}
	return rest
}

// leaves are decided by the snapshot, by the store or by the message's text.
var leaves = []key{
	{"ALL", []int{1, 2, 3, 4}},
	{"SEEN", []int{2, 3}},
	{"UNSEEN", []int{1, 4}},
	{"2:3", []int{2, 3}},
	{"UID 4", []int{4}},
	{"LARGER 200", []int{3}},
	{"SMALLER 200", []int{1, 2, 4}},
	{"SUBJECT apples", []int{1, 2}},
	{"SUBJECT PEARS", []int{2, 3}},
	{"BODY apples", []int{4}},
	{"TEXT apples", []int{1, 2, 4}},
	{"TEXT grapes", nil},
}

// keys draws a search key up to that depth.
func keys(t *rapid.T, depth int) key {
	kind := "leaf"
	if depth > 0 {
		kind = rapid.SampledFrom([]string{"leaf", "NOT", "OR", "AND"}).Draw(t, "kind")
	}
	switch kind {
	case "NOT":
		k := keys(t, depth-1)
		return key{"NOT " + k.text, allBut(k.finds)}
	case "OR":
		a, b := keys(t, depth-1), keys(t, depth-1)
		return key{"OR " + a.text + " " + b.text, allBut(both(allBut(a.finds), allBut(b.finds)))}
	case "AND":
		a, b := keys(t, depth-1), keys(t, depth-1)
		return key{"(" + a.text + " " + b.text + ")", both(a.finds, b.finds)}
	}
	return rapid.SampledFrom(leaves).Draw(t, "leaf")
}

func both(a, b []int) (in []int) {
	for _, n := range a {
		if slices.Contains(b, n) {
			in = append(in, n)
		}
	}
	return in
}

// TestSearchIsLogical combines keys of which some are decided at a glance and
// some only by the message's bytes.
func TestSearchIsLogical(t *testing.T) {
	h := newHost(t)
	c := newClient(t, h, "A")
	defer c.Close()
	for _, l := range letterBox {
		message := fmt.Sprintf("Subject: %s\r\n\r\n%s\r\n", l.words, l.text)
		flags := ""
		if l.seen {
			flags = `\Seen`
		}
		c.do(t, fmt.Sprintf("APPEND INBOX (%s) {%d+}\r\n%s", flags, len(message), message))
	}
	c.do(t, "SELECT INBOX")
	rapid.Check(t, func(t *rapid.T) {
		k := keys(t, 4)
		var found []int
		for _, r := range c.do(t, "SEARCH "+k.text) {
			for _, v := range r.Data {
				var n int
				fmt.Sscan(v.Text, &n)
				found = append(found, n)
			}
		}
		if !slices.Equal(found, k.finds) {
			t.Fatalf("SEARCH %s found %v, want %v", k.text, found, k.finds)
		}
	})
}
