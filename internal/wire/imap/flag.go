package imap

import "strings"

// Flag is a system flag such as `\Seen` in the spelling of RFC 3501 §2.3.2, or
// a keyword such as `$Forwarded` as the client wrote it.
type Flag string

// The system flags.
const (
	FlagSeen     Flag = `\Seen`
	FlagAnswered Flag = `\Answered`
	FlagFlagged  Flag = `\Flagged`
	FlagDeleted  Flag = `\Deleted`
	FlagDraft    Flag = `\Draft`
	FlagRecent   Flag = `\Recent` // only the server sets it
	// FlagAny in PERMANENTFLAGS says that a client may make new keywords.
	FlagAny Flag = `\*`
)

// SystemFlags are the flags that a client may set, in the order in which they
// are printed.
var SystemFlags = [...]Flag{FlagAnswered, FlagFlagged, FlagDeleted, FlagSeen, FlagDraft}

// canonicalFlag gives a system flag its usual spelling: flags ignore case.
func canonicalFlag(s string) Flag {
	for _, f := range [...]Flag{FlagAnswered, FlagFlagged, FlagDeleted, FlagSeen, FlagDraft, FlagRecent} {
		if strings.EqualFold(s, string(f)) {
			return f
		}
	}
	return Flag(s)
}

// AppendFlags prints a parenthesised list of flags.
func AppendFlags(dst []byte, flags []Flag) []byte {
	dst = append(dst, '(')
	for i, f := range flags {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, f...)
	}
	return append(dst, ')')
}
