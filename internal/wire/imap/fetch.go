package imap

// FetchItem is one data item of FETCH, RFC 3501 §6.4.5.
type FetchItem struct {
	Kind    FetchKind
	Section Section // only where Kind is FetchSection
}

// FetchKind tells the data items apart.
type FetchKind int

// The data items. RFC822, RFC822.HEADER and RFC822.TEXT are sections that
// answer under their old name.
const (
	FetchFlags FetchKind = iota
	FetchUID
	FetchInternalDate
	FetchSize
	FetchEnvelope
	FetchBody          // BODY without a section: the structure without extension data
	FetchBodyStructure // the structure with extension data
	FetchSection
)

// Section names a part of a message's text.
type Section struct {
	Part    []int // part numbers from 1; none for the message itself
	Text    SectionText
	Fields  []string // of SectionFields and SectionFieldsNot, as the client wrote them
	Peek    bool     // does not set \Seen
	Partial *Partial // nil for all of it
	OldName string   // RFC822, RFC822.HEADER or RFC822.TEXT; "" for BODY[...]
}

// SectionText is what of a part is wanted.
type SectionText int

// The section texts of RFC 3501 §6.4.5.
const (
	SectionAll       SectionText = iota // the part's body; for the message header and body
	SectionHeader                       // HEADER
	SectionFields                       // HEADER.FIELDS (...)
	SectionFieldsNot                    // HEADER.FIELDS.NOT (...)
	SectionBody                         // TEXT
	SectionMIME                         // MIME
)

var sectionTexts = [...]string{"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"}

// String is the section text as the grammar spells it, "" for SectionAll.
func (t SectionText) String() string { return sectionTexts[t] }

// Partial is a window on a section, in octets.
type Partial struct{ Offset, Count uint32 }
