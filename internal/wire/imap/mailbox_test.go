package imap

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestMailboxNames(t *testing.T) {
	for wire, name := range map[string]string{
		"":                                "",
		"inBOX":                           "INBOX",
		"INBOX/x":                         "INBOX/x",
		"R&-D":                            "R&D",
		"&-&-":                            "&&",
		"~peter/mail/&U,BTFw-/&ZeVnLIqe-": "~peter/mail/台北/日本語", // RFC 3501 §5.1.3
		"&2D3eAA-":                        "😀",
		"&AOkA6Q-":                        "éé",
		"&AOk--":                          "é-",
		"&AOk-&-":                         "é&",
	} {
		if got, err := DecodeMailbox(wire); err != nil || got != name {
			t.Errorf("%q reads as %q, %v; want %q", wire, got, err, name)
		}
		if got := EncodeMailbox(name); !strings.EqualFold(got, wire) {
			t.Errorf("%q is written as %q, want %q", name, got, wire)
		}
	}
}

func TestMailboxNamesWithMistakes(t *testing.T) {
	for wire, want := range map[string]error{
		"R&D":             errMailboxShift, // no end
		"&":               errMailboxShift, // no end
		"&AOk":            errMailboxShift, // no end
		"&AO-":            errMailboxShift, // half a code unit
		"&AOl-":           errMailboxShift, // bits left over
		"&AEE-":           errMailboxShift, // "A", which needs no base64
		"&AOk-&AOk-":      errMailboxShift, // one run would have done
		"&2D0-":           errMailboxShift, // half a pair of surrogates
		"&3gDYPQ-":        errMailboxShift, // surrogates in the wrong order
		"&AOk=-":          errMailboxShift, // padding
		"&AOk/-":          errMailboxShift, // the wrong base64
		"&\r-":            errMailboxShift, // line ends, which base64 decoders pass over
		"&AO\nk-":         errMailboxShift,
		"&AAA-":           errMailboxControl, // NUL
		"&AA0ACg-":        errMailboxControl, // CR LF
		"&AH8-":           errMailboxControl, // DEL
		"&AIU-":           errMailboxControl, // NEL
		"a\x00b":          errMailboxASCII,
		"a\tb":            errMailboxASCII,
		"Entw\xc3\xbcrfe": errMailboxASCII,
		"\x7f":            errMailboxASCII,
	} {
		if got, err := DecodeMailbox(wire); err != want {
			t.Errorf("%q reads as %q, %v; want %v", wire, got, err, want)
		}
	}
}

// Every name that can be written reads back as itself.
func TestMailboxNamesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOf(rapid.RuneFrom(nil, unicode.Latin, unicode.Han, unicode.So, unicode.Punct)).
			Filter(func(s string) bool { return !strings.EqualFold(s, Inbox) }).Draw(t, "name")
		wire := EncodeMailbox(name)
		if got, err := DecodeMailbox(wire); err != nil || got != name {
			t.Fatalf("%q is written as %q and reads as %q, %v", name, wire, got, err)
		}
	})
}

// What reads as a name is written in just one way, so that two spellings never
// mean one mailbox.
func FuzzMailbox(f *testing.F) {
	for _, s := range []string{"INBOX", "R&-D", "&U,BTFw-", "&2D3eAA-", "&AOk-&-", "&AO-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, wire string) {
		name, err := DecodeMailbox(wire)
		if err != nil {
			return
		}
		if !utf8.ValidString(name) {
			t.Fatalf("%q reads as %q, which is not UTF-8", wire, name)
		}
		if again := EncodeMailbox(name); again != wire && name != Inbox {
			t.Fatalf("%q reads as %q, which is written as %q", wire, name, again)
		}
	})
}
