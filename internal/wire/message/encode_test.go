package message

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStoredFormsRoundTrip(t *testing.T) {
	for name, data := range corpus(t) {
		root := mustParse(t, data)
		envelope, err := DecodeEnvelope(AppendEnvelope(nil, root.Envelope))
		if err != nil {
			t.Errorf("%s: envelope: %v", name, err)
		}
		if diff := cmp.Diff(root.Envelope, envelope); diff != "" {
			t.Errorf("%s: envelope differs (-want +got):\n%s", name, diff)
		}
		stored := AppendTree(nil, root)
		tree, err := DecodeTree(stored)
		if err != nil {
			t.Errorf("%s: tree: %v", name, err)
			continue
		}
		tree.Envelope = root.Envelope
		if diff := cmp.Diff(root, tree); diff != "" {
			t.Errorf("%s: tree differs (-want +got):\n%s", name, diff)
		}
		for i := range stored {
			if _, err := DecodeTree(stored[:i]); err == nil {
				t.Errorf("%s: the first %d of %d bytes are taken for a tree", name, i, len(stored))
			}
		}
	}
}

// The bytes of version 1 are read for ever.
func TestStoredFormsOfVersion1(t *testing.T) {
	envelope := "\x01\x01\x04date\x01\x00\x00\x01\x03<1>" + "\x01\x00\x01A\x00\x01a\x01x" + "\x00\x00\x00\x00\x00"
	e, err := DecodeEnvelope([]byte(envelope))
	if err != nil {
		t.Fatal(err)
	}
	want := &Envelope{
		Date: Optional{"date", true}, Subject: Optional{"", true}, MessageID: Optional{"<1>", true},
		From: []Address{{Name: "A", Local: "a", Domain: "x"}},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("envelope differs (-want +got):\n%s", diff)
	}
	tree := "\x01" + "\x00\x0a\x14\x02" + "\x04text\x05plain\x00\x00\x00\x00\x047bit\x00" + "\x01\x07charset\x05utf-8" + "\x00" + "\x01\x02de" + "\x00"
	p, err := DecodeTree([]byte(tree))
	if err != nil {
		t.Fatal(err)
	}
	part := &Part{BodyStart: 10, End: 30, Lines: 2, Type: "text", Subtype: "plain", Encoding: "7bit", Params: []Param{{"charset", "utf-8"}}, Language: []string{"de"}}
	if diff := cmp.Diff(part, p); diff != "" {
		t.Errorf("tree differs (-want +got):\n%s", diff)
	}
}

func TestStoredFormsRefuseOtherBytes(t *testing.T) {
	for _, b := range []string{"", "\x00", "\x02", "\x01", "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x01\x00\x00\x00\x00\xff\x7f"} {
		if e, err := DecodeEnvelope([]byte(b)); err == nil {
			t.Errorf("DecodeEnvelope(%x) = %+v", b, e)
		}
		if p, err := DecodeTree([]byte(b)); err == nil {
			t.Errorf("DecodeTree(%x) = %+v", b, p)
		}
	}
}
