package message

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A repeated is a message of head, then n times body, then tail, that takes no
// memory of its own.
type repeated struct {
	head, body, tail string
	n                int64
}

func (m repeated) size() int64 {
	return int64(len(m.head)) + m.n*int64(len(m.body)) + int64(len(m.tail))
}

func (m repeated) ReadAt(p []byte, off int64) (n int, err error) {
	middle := int64(len(m.head)) + m.n*int64(len(m.body))
	for n < len(p) && off < m.size() {
		var from string
		switch {
		case off < int64(len(m.head)):
			from = m.head[off:]
		case off < middle:
			from = m.body[(off-int64(len(m.head)))%int64(len(m.body)):]
		default:
			from = m.tail[off-middle:]
		}
		c := copy(p[n:], from)
		n, off = n+c, off+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestBombs parses, stores, signs and searches messages that are made to cost
// much. Each has to stay within the memory and the time that a large honest
// message of its size takes.
func TestBombs(t *testing.T) {
	mixed := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	nested := strings.Builder{}
	for i := range 5000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	var flood strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&flood, "; n*%d*=utf-8''%%41; m%d=x", i, i)
	}
	tests := map[string]repeated{
		"100,000 parts":             {head: mixed, body: "--b\r\n\r\nx\r\n", tail: "--b--\r\n", n: 100_000},
		"parts with much header":    {head: mixed, body: "--b\r\nContent-Type: text/plain; a=" + strings.Repeat("x", 9000) + "\r\nContent-Description: " + strings.Repeat("y", 9000) + "\r\n\r\n", n: 2_000},
		"parts with RFC 2231 flood": {head: mixed, body: "--b\r\nContent-Type: text/plain" + flood.String()[:60_000] + "\r\n\r\n", n: 500},
		"5,000 levels of multipart": {head: nested.String(), body: "x", n: 1},
		"messages in messages":      {body: "Content-Type: message/rfc822\r\n\r\n", n: 200_000},
		"messages with addresses":   {head: mixed, body: "--b\r\nContent-Type: message/rfc822\r\n\r\nTo: " + strings.Repeat("a@b,", 10_000) + "\r\n\r\n\r\n", n: 500},
		"one endless field":         {head: "Subject: ", body: "x", n: 20 << 20},
		"endless folded field":      {head: "To: ", body: "a@b,\r\n ", n: 3 << 20},
		"many fields":               {body: "Received: x\r\n", n: 1 << 20},
		"one endless line":          {head: "\r\n", body: "x", n: 20 << 20},
		"almost delimiters":         {head: mixed, body: "--bb\r\n", n: 4 << 20},
		"unclosed comments":         {head: "Content-Type: text/plain; a=", body: "(;", n: 1 << 20},
		"unclosed quotes":           {head: "From: ", body: `"a\`, n: 1 << 20},
		"encoded words":             {head: "Subject: ", body: "=?utf-8?q?=41?= ", n: 1 << 20},
		"line of spaces":            {head: "Content-Transfer-Encoding: quoted-printable\r\n\r\n", body: " ", n: 20 << 20},
		"base64 of nothing":         {head: "Content-Transfer-Encoding: base64\r\n\r\n", body: "=", n: 20 << 20},
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) { survive(t, m) })
	}
}

// survive takes m through all that happens to a message.
func survive(t *testing.T, m repeated) {
	start, before := time.Now(), heapInUse()
	root, err := Parse(m, m.size())
	if err != nil {
		t.Fatal(err)
	}
	if kept := int64(heapInUse()) - int64(before); kept > 12<<20 {
		t.Errorf("the tree takes %d KiB, want at most 12 MiB", kept>>10)
	}
	parts, depth := count(root)
	if parts > MaxParts || depth > MaxDepth {
		t.Errorf("%d parts in %d levels", parts, depth)
	}
	stored := AppendTree(AppendEnvelope(nil, root.Envelope), root)
	if len(stored) > 4<<20 {
		t.Errorf("the stored form has %d KiB, want at most 4 MiB", len(stored)>>10)
	}
	if _, err := Signature(m, root); err != nil {
		t.Error(err)
	}
	if _, err := NewNeedle("needle").MatchText(m, root); err != nil {
		t.Error(err)
	}
	if took, limit := time.Since(start), 30*time.Second; took > limit {
		t.Errorf("%d MiB took %v, want at most %v", m.size()>>20, took, limit)
	} else {
		t.Logf("%d MiB, %d parts: %v", m.size()>>20, parts, took.Round(time.Millisecond))
	}
	runtime.KeepAlive(root)
}

func heapInUse() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// count returns the number of parts and levels of a tree.
func count(p *Part) (parts, depth int) {
	children := p.Parts
	if p.Message != nil {
		children = []*Part{p.Message}
	}
	parts = 1
	for _, child := range children {
		n, d := count(child)
		parts, depth = parts+n, max(depth, d+1)
	}
	return parts, depth
}

// A message of 100 MiB is parsed, signed and searched in little memory.
func TestLargeMessageTakesLittleMemory(t *testing.T) {
	m := repeated{
		head: "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		body: strings.Repeat("QUJD", 19) + "\r\n",
		tail: "--b\r\n\r\nlast words\r\n--b--\r\n",
		n:    100 << 20 / 78,
	}
	perRun := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			root, err := Parse(m, m.size())
			if err != nil || len(root.Parts) != 2 {
				b.Fatalf("%v, %d parts", err, len(root.Parts))
			}
			if _, err := Signature(m, root); err != nil {
				b.Fatal(err)
			}
			if found, err := NewNeedle("last words").MatchBody(m, root); !found || err != nil {
				b.Fatalf("not found: %v", err)
			}
		}
	}).AllocedBytesPerOp()
	if perRun > 1<<20 {
		t.Errorf("%d KiB allocated for a message of 100 MiB, want at most 1 MiB", perRun>>10)
	}
}

func TestRepeatedReadsAsItStands(t *testing.T) {
	m := repeated{head: "ab", body: "cde", tail: "f", n: 2}
	if got := readAll(t, io.NewSectionReader(m, 0, m.size())); got != "abcdecdef" {
		t.Fatalf("read %q", got)
	}
	if _, err := m.ReadAt(make([]byte, 2), m.size()-1); err != io.EOF {
		t.Fatalf("error %v at the end", err)
	}
}
