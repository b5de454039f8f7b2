package message

import (
	"bytes"
	"strings"
	"testing"
)

// tenKiB is a message of 10 KiB as a mail program writes it.
func tenKiB(b *testing.B) []byte {
	text := english(b)[:6<<10]
	return compose(b, &Content{
		Fields: []Field{
			{"Received", "from client.example.com (client.example.com [192.0.2.1]) by mail.example.com with ESMTPS id k3m9x0p2qa for <bob@example.net>; Sat, 21 Nov 2026 10:00:00 +0100"},
			AddressField("From", Address{Name: "Alice Ärcher", Local: "alice", Domain: "example.com"}),
			AddressField("To", Address{Name: "Bob", Local: "bob", Domain: "example.net"}),
			TextField("Subject", "Schöne Grüße"),
			{"Date", "Sat, 21 Nov 2026 10:00:00 +0100"},
			{"Message-ID", "<1@client.example.com>"},
		},
		Type: "multipart/mixed",
		Parts: []*Content{
			{Text: text + "äöü"},
			{Type: "application/pdf", Filename: "Übersicht.pdf", Data: strings.NewReader(strings.Repeat("pdf", 800))},
		},
	})
}

func BenchmarkParse(b *testing.B) {
	data := tenKiB(b)
	r := bytes.NewReader(data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(r, int64(len(data))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignature(b *testing.B) {
	data := tenKiB(b)
	r, root := bytes.NewReader(data), mustParse(b, data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Signature(r, root); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatchText(b *testing.B) {
	data := tenKiB(b)
	r, root, needle := bytes.NewReader(data), mustParse(b, data), NewNeedle("not there")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if found, err := needle.MatchText(r, root); found || err != nil {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkMayMatch(b *testing.B) {
	data := tenKiB(b)
	sig, needle := mustSign(b, data, mustParse(b, data)), NewNeedle("Wednesday")
	b.ReportAllocs()
	for b.Loop() {
		if needle.MayMatch(sig) && len(sig) == 0 {
			b.Fatal("impossible")
		}
	}
}

func BenchmarkStoredForms(b *testing.B) {
	root := mustParse(b, tenKiB(b))
	b.ReportMetric(float64(len(AppendTree(nil, root))), "tree-bytes")
	b.ReportMetric(float64(len(AppendEnvelope(nil, root.Envelope))), "envelope-bytes")
	b.ReportAllocs()
	for b.Loop() {
		stored := AppendTree(nil, root)
		if _, err := DecodeTree(stored); err != nil {
			b.Fatal(err)
		}
	}
}
