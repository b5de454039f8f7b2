package store

// Flags are a message's flags as bits: the system flags below, and above them
// the keywords of its mailbox in the order of View.Keywords. \Recent is not a
// flag but a View's.
type Flags uint64

// The system flags (RFC 9051 §2.3.2).
const (
	Answered Flags = 1 << iota
	Flagged
	Deleted
	Seen
	Draft
	SystemFlags = Answered | Flagged | Deleted | Seen | Draft
)

// MaxKeywords is how many different keywords a mailbox can have.
const MaxKeywords = 64 - firstKeyword

const firstKeyword = 5

// Keyword is the flag of the i-th keyword of a mailbox.
func Keyword(i int) Flags { return 1 << (firstKeyword + i) }

// A FlagMode says what STORE does with the flags it names (RFC 9051 §6.4.6).
type FlagMode int

// Ways to change flags.
const (
	AddFlags FlagMode = iota
	RemoveFlags
	ReplaceFlags
)

// A FlagChange changes system flags and keywords. Keywords are compared
// without case; AddFlags and ReplaceFlags make those the mailbox does not
// have yet.
type FlagChange struct {
	Mode     FlagMode
	Flags    Flags // system flags only
	Keywords []string
}
