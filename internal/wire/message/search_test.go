package message

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustSign(t testing.TB, data []byte, root *Part) []byte {
	t.Helper()
	sig, err := Signature(bytes.NewReader(data), root)
	if err != nil {
		t.Fatalf("Signature: %v", err)
	}
	return sig
}

func TestSearch(t *testing.T) {
	messages := corpus(t)
	tests := []struct {
		name, needle string
		text, body   bool
	}{
		{"plain", "noon", true, true},
		{"plain", "NOON", true, true},
		{"plain", "lunch", true, false},
		{"plain", "subject: lunch", true, false},
		{"plain", "midnight", false, false},
		{"plain", "", true, true},
		{"plain", "Dear Bob,\r\n\r\nshall", true, true},
		{"attachment", "grüße aus köln, und", true, true},
		{"attachment", "SCHÖNE GRÜẞE", false, false}, // RFC 5051 maps characters one to one: ß stays ß
		{"attachment", "SCHÖNE GRÜ", true, true},
		{"attachment", "scho\u0308ne", true, true}, // decomposed
		{"attachment", "der über zwei", true, true},
		{"attachment", "übersicht der woche", true, true}, // a file name
		{"attachment", "the week", true, true},            // a part's description
		{"attachment", "müller", true, false},
		{"attachment", "FlateDecode", false, false}, // inside the PDF
		{"attachment", "=C3=9F", false, false},      // the encoded form
		{"forwarded", "alice archer", true, true},   // header of the message inside
		{"forwarded", "dear bob", true, true},
		{"koi8", "ПРИВЕТ, МИР", true, true},
		{"koi8", "иванов", true, false},
		{"japanese", "んにち", true, true},
		{"latin1", "grüße", true, true},
	}
	for _, tt := range tests {
		data := messages[tt.name]
		r, root := bytes.NewReader(data), mustParse(t, data)
		n := NewNeedle(tt.needle)
		text, err := n.MatchText(r, root)
		if text != tt.text || err != nil {
			t.Errorf("MatchText of %q in %s = %v, %v, want %v", tt.needle, tt.name, text, err, tt.text)
		}
		body, err := n.MatchBody(r, root)
		if body != tt.body || err != nil {
			t.Errorf("MatchBody of %q in %s = %v, %v, want %v", tt.needle, tt.name, body, err, tt.body)
		}
		if text && !n.MayMatch(mustSign(t, data, root)) {
			t.Errorf("the signature of %s denies %q", tt.name, tt.needle)
		}
	}
}

func TestMatchField(t *testing.T) {
	data := corpus(t)["attachment"]
	r, root := bytes.NewReader(data), mustParse(t, data)
	tests := []struct {
		field, needle string
		want          bool
	}{
		{"Subject", "aus köln", true},
		{"SUBJECT", "", true},
		{"X-None", "", false},
		{"From", "jürgen müller <juergen@", true},
		{"To", "andré", true},
		{"To", "andrew", false},
		{"Content-Description", "the week", false}, // of a part, not of the message
	}
	for _, tt := range tests {
		got, err := NewNeedle(tt.needle).MatchField(r, root, tt.field)
		if got != tt.want || err != nil {
			t.Errorf("MatchField(%s) of %q = %v, %v, want %v", tt.field, tt.needle, got, err, tt.want)
		}
	}
}

// A needle is found wherever it stands in a long text, also across the pieces
// in which the text is read.
func TestSearchAcrossReads(t *testing.T) {
	for _, at := range []int{0, 1, 4090, 4095, 4096, 32760, 32767, 32768, 32769, 65530, 99_990} {
		text := []byte("\r\n" + strings.Repeat("x", 100_000))
		copy(text[2+at:], "Wörter")
		found, err := NewNeedle("wÖRTER").MatchBody(bytes.NewReader(text), mustParse(t, text))
		if !found || err != nil {
			t.Errorf("needle at %d: %v, %v", at, found, err)
		}
	}
}

// Whatever is found is not denied by the signature.
func TestSignatureNeverDenies(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-ZäöüßÀéñ日本語КирΩ .,=?_-]{1,20}`)
	rapid.Check(t, func(t *rapid.T) {
		subject, body, name := word.Draw(t, "subject"), word.Draw(t, "body"), word.Draw(t, "name")
		var out bytes.Buffer
		err := Compose(&out, &Content{
			Fields: []Field{TextField("Subject", subject)},
			Type:   "multipart/mixed",
			Parts:  []*Content{{Text: body}, {Type: "application/pdf", Filename: name, Data: strings.NewReader("x")}},
		}, zeros{})
		if err != nil {
			t.Fatal(err)
		}
		root, err := Parse(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := Signature(bytes.NewReader(out.Bytes()), root)
		if err != nil {
			t.Fatal(err)
		}
		runes := []rune(rapid.SampledFrom([]string{subject, body, name}).Draw(t, "text"))
		start := rapid.IntRange(0, len(runes)-1).Draw(t, "start")
		end := rapid.IntRange(start+1, len(runes)).Draw(t, "end")
		needle := NewNeedle(strings.TrimSpace(string(runes[start:end])))
		found, err := needle.MatchText(bytes.NewReader(out.Bytes()), root)
		if !found || err != nil {
			t.Fatalf("%q is not found in what it is from: %v\n%s", needle.folded, err, out.String())
		}
		if !needle.MayMatch(sig) {
			t.Fatalf("the signature denies %q", needle.folded)
		}
	})
}

func TestUnknownSignatureMayMatch(t *testing.T) {
	n := NewNeedle("anything")
	for _, sig := range [][]byte{nil, {1}, {2, 0, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 100), append([]byte{1}, make([]byte, 24)...)} {
		if !n.MayMatch(sig) {
			t.Errorf("signature %x denies a needle", sig)
		}
	}
	if n.MayMatch(append([]byte{signatureVersion}, make([]byte, 8)...)) {
		t.Error("an empty filter denies nothing")
	}
}
