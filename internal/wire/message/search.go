package message

import "io"

// Signature returns a summary of all the text of a message that a Needle
// could be found in: a set of hashed trigrams whose size grows with the text,
// from 9 bytes to at most 16 KiB + 1.
func Signature(r io.ReaderAt, root *Part) ([]byte, error) { return nil, errNotYet }

// A Needle is a string that is looked for in messages as IMAP's SEARCH does:
// it matches where it is a substring, compared without case and form
// (i;unicode-casemap, RFC 5051). The empty needle matches everything that
// is there. A Needle may be used by several goroutines.
type Needle struct{}

// NewNeedle prepares the search for s, which is read as UTF-8.
func NewNeedle(s string) *Needle { return &Needle{} }

// MayMatch reports whether a message with that signature can match: false is
// certain for all of MatchText, MatchBody and MatchField; true is not. Any
// message may match an empty signature or one of an unknown version.
func (n *Needle) MayMatch(signature []byte) bool { return true }

// MatchText reports whether the header or the body contains the needle: IMAP's
// TEXT. What is looked at is the message's header fields, with encoded words
// decoded, and what MatchBody looks at.
func (n *Needle) MatchText(r io.ReaderAt, root *Part) (bool, error) { return false, errNotYet }

// MatchBody reports whether the body contains the needle: IMAP's BODY. What is
// looked at is the decoded text of every leaf of type text, the headers of
// body parts and of messages inside, and their file names.
func (n *Needle) MatchBody(r io.ReaderAt, root *Part) (bool, error) { return false, errNotYet }

// MatchField reports whether a field of that name (compared without case) in
// the message's own header contains the needle: IMAP's HEADER, SUBJECT, FROM
// and so on.
func (n *Needle) MatchField(r io.ReaderAt, root *Part, name string) (bool, error) {
	return false, errNotYet
}

// MatchString reports whether s contains the needle.
func (n *Needle) MatchString(s string) bool { return false }
