package imap

import "time"

// SearchKey is a search key of RFC 3501 §6.4.4 with its arguments. Keys that
// stand beside each other are the Keys of a SearchAnd.
type SearchKey struct {
	Op    SearchOp
	Flag  Flag        // SearchFlag, SearchNoFlag
	Set   SeqSet      // SearchSeq, SearchUID
	Size  int64       // SearchLarger, SearchSmaller: octets
	Date  time.Time   // the date searches: midnight UTC of the day named
	Field string      // SearchHeader: the field's name
	Text  string      // the text searches, in UTF-8
	Keys  []SearchKey // SearchAnd: any number; SearchOr: two; SearchNot: one
}

// SearchOp tells the search keys apart. Keys that say the same in other words
// share one: SEEN is SearchFlag with \Seen, NEW is RECENT and UNSEEN, CC is
// SearchHeader with Cc.
type SearchOp int

// The search keys.
const (
	SearchAll SearchOp = iota
	SearchAnd
	SearchOr
	SearchNot
	SearchSeq
	SearchUID
	SearchFlag
	SearchNoFlag
	SearchRecent
	SearchOld        // not recent
	SearchBefore     // internal date before that day
	SearchOn         // internal date on that day
	SearchSince      // internal date on that day or later
	SearchSentBefore // the same for the Date field
	SearchSentOn
	SearchSentSince
	SearchLarger
	SearchSmaller
	SearchHeader // the field is there and contains Text; "" matches every such field
	SearchBody   // the body contains Text
	SearchText   // header or body contains Text
)
