package store

import (
	"fmt"
	"slices"
	"strings"
)

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

// MaxKeywords is how many different keywords a mailbox can have, and
// MaxKeyword how many bytes one can have.
const (
	MaxKeywords = 64 - firstKeyword
	MaxKeyword  = 255
)

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

// masks returns which bits to keep and which to set.
func (m FlagMode) masks(f Flags) (keep, set Flags) {
	switch m {
	case AddFlags:
		return ^Flags(0), f
	case RemoveFlags:
		return ^f, 0
	}
	return 0, f
}

// flags returns the bits of system flags and keywords in a mailbox. With make,
// keywords that it does not have are added; otherwise they have no bit.
func (tx *Tx) flags(mb *mailboxRow, system Flags, keywords []string, make bool) (Flags, error) {
	f := system & SystemFlags
	if len(keywords) == 0 {
		return f, nil
	}
	known, err := tx.keywords(mb)
	if err != nil {
		return 0, err
	}
	for _, name := range keywords {
		i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
		if i < 0 && !make {
			continue
		}
		if i < 0 {
			if err := tx.addKeyword(mb, name); err != nil {
				return 0, err
			}
			known, i = mb.keywords, len(mb.keywords)-1
		}
		f |= Keyword(i)
	}
	return f, nil
}

// keywords returns the names of a mailbox's keywords.
func (tx *Tx) keywords(mb *mailboxRow) ([]string, error) {
	if !mb.known {
		names, err := readKeywords(&tx.ReadTx, mb.id)
		if err != nil {
			return nil, err
		}
		mb.keywords, mb.known = names, true
	}
	return mb.keywords, nil
}

func (tx *Tx) addKeyword(mb *mailboxRow, name string) error {
	switch {
	case len(mb.keywords) == MaxKeywords:
		return fmt.Errorf("keyword %q: %w", name, ErrKeywords)
	case name == "" || len(name) > MaxKeyword:
		return fmt.Errorf("keyword of %d bytes: %w", len(name), ErrBadName)
	}
	err := tx.do("insert into keyword (mailbox, position, name) values ($1, $2, $3)", mb.id, len(mb.keywords), name)
	if err != nil {
		return err
	}
	mb.keywords = append(slices.Clone(mb.keywords), name) // views have the old list
	tx.change(mb).keywords = mb.keywords
	return nil
}

// translate returns a message's flags in one mailbox as bits of another.
func (tx *Tx) translate(f Flags, from, to *mailboxRow) (Flags, error) {
	if f&^SystemFlags == 0 || from == to {
		return f, nil
	}
	known, err := tx.keywords(from)
	if err != nil {
		return 0, err
	}
	var names []string
	for i, name := range known {
		if f&Keyword(i) != 0 {
			names = append(names, name)
		}
	}
	return tx.flags(to, f, names, true)
}
