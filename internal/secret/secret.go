// Package secret holds passwords so that they can't be printed by accident.
//
// A [Secret] shows itself as "[secret]" wherever Go formats, marshals or logs
// a value; only [Secret.Reveal] gives the text back. A [Masker] removes known
// secrets, also in the encodings that mail protocols put them in, from lines
// of dialogue. The package never stores, hashes or encrypts anything.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Mask is what stands in the place of a secret.
const Mask = "[secret]"

// Secret is a password or another text that nobody but its user may read.
// The zero value is the empty secret.
type Secret struct{ text string }

// New wraps text as a Secret.
func New(text string) Secret { return Secret{text} }

// Reveal returns the text itself. Every call of it is a place to look at when
// a secret was seen where it should not be.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no text at all.
func (s Secret) Empty() bool { return s.text == "" }

// Equal compares in a time that depends on the lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.text), []byte(other.text)) == 1
}

// String implements [fmt.Stringer] with [Mask].
func (s Secret) String() string { return Mask }

// GoString implements [fmt.GoStringer] with [Mask].
func (s Secret) GoString() string { return Mask }

// Format implements [fmt.Formatter] with [Mask] for every verb, %x and %d
// included, which would otherwise print the field.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

// MarshalText implements [encoding.TextMarshaler] with [Mask].
func (s Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// MarshalJSON implements [encoding/json.Marshaler] with [Mask].
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }

// LogValue implements [slog.LogValuer] with [Mask].
func (s Secret) LogValue() slog.Value { return slog.StringValue(Mask) }
