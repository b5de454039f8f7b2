package message

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse holds every tree to what Part's comment promises, and takes it
// through storing, searching and decoding.
func FuzzParse(f *testing.F) {
	for _, data := range corpus(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		root, err := Parse(r, r.Size())
		if err != nil {
			t.Fatal(err)
		}
		if root.HeaderStart != 0 || root.End != r.Size() || root.Envelope == nil {
			t.Fatalf("root from %d to %d of %d bytes", root.HeaderStart, root.End, r.Size())
		}
		parts, depth := checkTree(t, data, root)
		if parts > MaxParts || depth > MaxDepth {
			t.Fatalf("%d parts in %d levels", parts, depth)
		}
		tree, err := DecodeTree(AppendTree(nil, root))
		if err != nil {
			t.Fatal(err)
		}
		if tree.Envelope, err = DecodeEnvelope(AppendEnvelope(nil, root.Envelope)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(root, tree); diff != "" {
			t.Fatalf("the stored form differs (-want +got):\n%s", diff)
		}
		checkSearch(t, data, root)
	})
}

// checkTree checks one part and those in it, and counts them.
func checkTree(t *testing.T, data []byte, p *Part) (parts, depth int) {
	if p.HeaderStart > p.BodyStart || p.BodyStart > p.End || p.Lines < 0 {
		t.Fatalf("places %d, %d, %d, %d lines", p.HeaderStart, p.BodyStart, p.End, p.Lines)
	}
	if lines := int64(len(bytes.Split(bytes.TrimSuffix(data[p.BodyStart:p.End], []byte("\n")), []byte("\n")))); p.End > p.BodyStart && p.Lines != lines {
		t.Fatalf("%d lines in %q, want %d", p.Lines, data[p.BodyStart:p.End], lines)
	}
	if p.Type == "" || p.Subtype == "" || p.Encoding == "" {
		t.Fatalf("type %q/%q, encoding %q", p.Type, p.Subtype, p.Encoding)
	}
	if (p.Type == "multipart") != (len(p.Parts) > 0) || p.isMessage() != (p.Message != nil) {
		t.Fatalf("%s/%s with %d parts, message %v", p.Type, p.Subtype, len(p.Parts), p.Message != nil)
	}
	for _, s := range append(p.strings(), &p.Envelope.orEmpty().Subject.Value, &p.Envelope.orEmpty().Date.Value) {
		if strings.ContainsAny(*s, "\r\n\x00") {
			t.Fatalf("value %q", *s)
		}
	}
	if name := p.Filename(); !utf8.ValidString(name) || strings.ContainsAny(name, "\r\n\x00") {
		t.Fatalf("file name %q", name)
	}
	text, err := io.ReadAll(p.Text(bytes.NewReader(data)))
	if err != nil || !utf8.Valid(text) {
		t.Fatalf("text %q, %v", text, err)
	}
	children, from := p.Parts, p.BodyStart
	if p.Message != nil {
		children = []*Part{p.Message}
		if p.Message.HeaderStart != p.BodyStart || p.Message.End != p.End || p.Message.Envelope == nil {
			t.Fatalf("message %d to %d in a body %d to %d", p.Message.HeaderStart, p.Message.End, p.BodyStart, p.End)
		}
	}
	parts = 1
	for _, child := range children {
		if child.HeaderStart < from || child.End > p.End {
			t.Fatalf("part %d to %d after %d in a body up to %d", child.HeaderStart, child.End, from, p.End)
		}
		from = child.End
		n, d := checkTree(t, data, child)
		parts, depth = parts+n, max(depth, d+1)
	}
	return parts, depth
}

func (e *Envelope) orEmpty() *Envelope {
	if e == nil {
		return new(Envelope)
	}
	return e
}

// checkSearch takes needles from the text and looks for them.
func checkSearch(t *testing.T, data []byte, root *Part) {
	r := bytes.NewReader(data)
	sig, err := Signature(r, root)
	if err != nil {
		t.Fatal(err)
	}
	for text := range allTexts(r, root) {
		folded, err := io.ReadAll(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(folded) < 8 {
			continue
		}
		needle := &Needle{string(folded[len(folded)/2 : len(folded)/2+4])}
		if found, err := needle.MatchText(r, root); !found || err != nil || !needle.MayMatch(sig) {
			t.Fatalf("%q of the text: found %v, %v; the signature says %v", needle.folded, found, err, needle.MayMatch(sig))
		}
	}
}

func FuzzParseAddresses(f *testing.F) {
	for _, s := range []string{`"A" <a@b>, g: c@d;`, "<@a:b@c>", "(x)a@b(y)", `"\"@[`, "a b@c;d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		open := false
		for _, a := range ParseAddresses(s) {
			switch {
			case (a.Kind == GroupStart) == open && a.Kind != Mailbox:
				t.Fatalf("groups of %q don't match", s)
			case a.Kind != Mailbox:
				open = !open
			case a.Name == "" && a.Local == "" && a.Domain == "":
				t.Fatalf("an empty address in %q", s)
			}
			_ = a.String()
		}
		if open {
			t.Fatalf("a group of %q has no end", s)
		}
	})
}

// FuzzHeaderValues covers whatever reads the value of one field.
func FuzzHeaderValues(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?a?= =?utf-8?b?YQ==?=", "text/plain; n*0*=utf-8''%41; n*1=b (c)", "Sat, 21 Nov 2026 10:00:00 +0100", `attachment; filename="a\"b"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if words := DecodeWords(s); !utf8.ValidString(words) || strings.ContainsAny(words, "\r\n\x00") {
			t.Fatalf("DecodeWords(%q) = %q", s, words)
		}
		_, _, params, _ := parseMediaType(s)
		if len(params) > MaxParams {
			t.Fatalf("%d parameters", len(params))
		}
		for _, p := range params {
			if v := ParamValue(params, strings.TrimSuffix(p.Name, "*")); !utf8.ValidString(v) {
				t.Fatalf("value %q", v)
			}
		}
		if at, ok := ParseDate(s); ok && (at.Year() < 0 || at.Year() > 9999) {
			t.Fatalf("ParseDate(%q) = %v", s, at)
		}
		if text, err := formatField(TextField("Subject", s)); err != nil || DecodeWords(strings.TrimSpace(text[8:])) == "" && strings.TrimSpace(clean(s)) != "" {
			t.Fatalf("TextField(%q) = %q, %v", s, text, err)
		}
	})
}

// FuzzDecodeBody compares reading in one piece with reading byte by byte.
func FuzzDecodeBody(f *testing.F) {
	f.Add("SGVsbG8=", "a=3D =\r\n b \r\n")
	f.Fuzz(func(t *testing.T, base64, quoted string) {
		decodeBody(t, "base64", base64)
		decodeBody(t, "quoted-printable", quoted)
	})
}

func FuzzStoredForms(f *testing.F) {
	for _, data := range corpus(f) {
		root := mustParse(f, data)
		f.Add(AppendTree(nil, root))
		f.Add(AppendEnvelope(nil, root.Envelope))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := DecodeEnvelope(data); err == nil {
			again, err := DecodeEnvelope(AppendEnvelope(nil, e))
			if diff := cmp.Diff(e, again); err != nil || diff != "" {
				t.Fatalf("envelope changes: %v\n%s", err, diff)
			}
		}
		if p, err := DecodeTree(data); err == nil {
			again, err := DecodeTree(AppendTree(nil, p))
			if diff := cmp.Diff(p, again); err != nil || diff != "" {
				t.Fatalf("tree changes: %v\n%s", err, diff)
			}
		}
	})
}
