package message

import (
	"fmt"
	"strings"
	"testing"
)

// outline tells places and lines of a tree: "type header-body-end lines (parts)".
func outline(p *Part) string {
	s := fmt.Sprintf("%s/%s %d-%d-%d %d", p.Type, p.Subtype, p.HeaderStart, p.BodyStart, p.End, p.Lines)
	children := p.Parts
	if p.Message != nil {
		children = []*Part{p.Message}
	}
	var inner []string
	for _, child := range children {
		inner = append(inner, outline(child))
	}
	if len(inner) > 0 {
		s += " (" + strings.Join(inner, ", ") + ")"
	}
	return s
}

// The places where parts begin and end when little or nothing is in them.
func TestPlaces(t *testing.T) {
	mixed := "Content-Type: multipart/mixed; boundary=b\n\n" // 43 bytes
	rfc822 := "Content-Type: message/rfc822\n\n"             // 30 bytes
	tests := []struct{ name, message, want string }{
		{"nothing", "", "text/plain 0-0-0 0"},
		{"empty line only", "\r\n", "text/plain 0-2-2 0"},
		{"body without line break", "\nabc", "text/plain 0-1-4 1"},
		{"empty lines", "\n\n\n", "text/plain 0-1-3 2"},
		{"delimiters without parts between", mixed + "--b\n--b\n--b--\n", "multipart/mixed 0-43-57 3 (text/plain 47-47-47 0, text/plain 51-51-51 0)"},
		{"part with an empty line only", mixed + "--b\n\n--b--", "multipart/mixed 0-43-53 3 (text/plain 47-48-48 0)"},
		{"part with two empty lines", mixed + "--b\n\n\n--b--", "multipart/mixed 0-43-54 4 (text/plain 47-48-48 0)"},
		{"header ended by a delimiter keeps its line break", mixed + "--b\nA: b\n--b--", "multipart/mixed 0-43-57 3 (text/plain 47-52-52 0)"},
		{"header of a message inside ended by a delimiter", mixed + "--b\n" + rfc822 + "A: b\n\n--b--",
			"multipart/mixed 0-43-88 6 (message/rfc822 47-77-83 2 (text/plain 77-83-83 0))"},
		{"only the last delimiter: no multipart", mixed + "--b--\n", "text/plain 0-43-49 1"},
		{"delimiter with CRLF", strings.ReplaceAll(mixed+"--b\n\nx\n--b--\n", "\n", "\r\n"), "multipart/mixed 0-45-62 4 (text/plain 50-52-53 1)"},
		{"the same boundary inside and outside", mixed + "--b\n" + mixed + "--b\n\nx\n--b--\n--b--\n",
			"multipart/mixed 0-43-109 8 (multipart/mixed 47-90-102 4 (text/plain 94-95-96 1))"},
	}
	for _, tt := range tests {
		if got := outline(mustParse(t, []byte(tt.message))); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// Beyond the limits a part is a leaf, and what it holds is in it.
func TestLimits(t *testing.T) {
	deep := mustParse(t, []byte(strings.Repeat("Content-Type: message/rfc822\n\n", MaxDepth+5)))
	parts, depth := count(deep)
	if parts != MaxDepth+1 || depth != MaxDepth {
		t.Errorf("%d parts in %d levels, want %d in %d", parts, depth, MaxDepth+1, MaxDepth)
	}
	for deep.Message != nil {
		deep = deep.Message
	}
	if deep.Type != "application" || deep.Subtype != "octet-stream" {
		t.Errorf("the innermost part is %s/%s, want application/octet-stream", deep.Type, deep.Subtype)
	}
	wide := mustParse(t, []byte("Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat("--b\n\nx\n", MaxParts+5)))
	if parts, _ := count(wide); parts != MaxParts {
		t.Errorf("%d parts, want %d", parts, MaxParts)
	}
}

// What a tree keeps of headers is limited; the tree itself is whole.
func TestKeptTextIsLimited(t *testing.T) {
	part := "--b\nContent-Type: image/png; name=" + strings.Repeat("n", 60_000) + "\n\nx\n"
	root := mustParse(t, []byte("Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat(part, 40)))
	kept := 0
	for _, p := range root.Parts {
		kept += len(p.Filename())
	}
	if len(root.Parts) != 40 || kept == 0 || kept > MaxKept {
		t.Errorf("%d parts with %d bytes of names, want 40 with at most %d", len(root.Parts), kept, MaxKept)
	}
}

func TestFind(t *testing.T) {
	forwarded, plain := mustParse(t, corpus(t)["forwarded"]), mustParse(t, corpus(t)["plain"])
	inner := forwarded.Parts[1].Message
	bare := mustParse(t, []byte("Content-Type: message/rfc822\n\nSubject: x\n\ntext"))
	tests := []struct {
		root *Part
		path []int
		want *Part
	}{
		{plain, nil, plain},
		{plain, []int{1}, plain},
		{plain, []int{2}, nil},
		{plain, []int{0}, nil},
		{plain, []int{1, 1}, nil},
		{forwarded, []int{1}, forwarded.Parts[0]},
		{forwarded, []int{2}, forwarded.Parts[1]},
		{forwarded, []int{2, 1}, inner.Parts[0]},
		{forwarded, []int{2, 2}, inner.Parts[1]},
		{forwarded, []int{2, 3}, nil},
		{forwarded, []int{1, 1}, nil},
		{forwarded, []int{3}, nil},
		{bare, []int{1}, bare},
		{bare, []int{1, 1}, bare.Message},
		{bare, []int{1, 1, 1}, nil},
	}
	for _, tt := range tests {
		if got := tt.root.Find(tt.path...); got != tt.want {
			t.Errorf("Find(%v) = %+v, want %+v", tt.path, got, tt.want)
		}
	}
	// A stored tree has no envelope at its root.
	stored, err := DecodeTree(AppendTree(nil, plain))
	if err != nil || stored.Find(1) != stored {
		t.Errorf("Find(1) of a stored tree is not the tree: %v", err)
	}
}
