package message

import (
	"io"
	"iter"
)

// A Field is one header field. Value is what follows the colon: unfolded,
// without white space at both ends, otherwise as it stands in the message.
type Field struct{ Name, Value string }

// Text returns the field's value as Unicode, encoded words decoded.
func (f Field) Text() string { return DecodeWords(f.Value) }

// Fields yields the fields of a header (Part.Header gives one) in order. Lines
// that are no field are skipped; values are cut at MaxField bytes. An error of
// header ends the sequence.
func Fields(header io.Reader) iter.Seq2[Field, error] { return nil }

// FilterHeader writes those fields of a header, byte for byte, whose names
// (compared without case) are among names, or with except those that are
// not, and then the empty line: IMAP's HEADER.FIELDS and HEADER.FIELDS.NOT
// (RFC 3501 §6.4.5).
func FilterHeader(w io.Writer, header io.Reader, names []string, except bool) error {
	return errNotYet
}

// DecodeWords returns the text of an unstructured field or a phrase as valid
// UTF-8: encoded words of RFC 2047 are decoded, bytes above 127 are read as
// UTF-8 or else as windows-1252, and control characters become spaces.
func DecodeWords(s string) string { return s }
