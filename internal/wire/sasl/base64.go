package sasl

import (
	"encoding/base64"
	"strings"
)

// Decode reads a client's response line: base64, "*" for ErrCanceled. Any
// other error is a *FormatError. The result is never nil.
func Decode(line string) ([]byte, error) {
	if line == "*" {
		return nil, ErrCanceled
	}
	// Strict minds the padding bits; CR and LF, which the decoder skips, belong
	// to no line.
	b, err := base64.StdEncoding.Strict().DecodeString(line)
	if err != nil || strings.ContainsAny(line, "\r\n") {
		return nil, &FormatError{"response is not valid base64"}
	}
	return append([]byte{}, b...), nil
}

// DecodeInitial reads an initial response as it stands in a command: base64,
// "=" for an empty one (RFC 4954 §4). Errors are those of Decode; the result
// is never nil.
func DecodeInitial(arg string) ([]byte, error) {
	if arg == "=" {
		return []byte{}, nil
	}
	return Decode(arg)
}

// Encode prints a challenge or response in base64.
func Encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// EncodeInitial prints an initial response for a command: "=" for an empty
// one.
func EncodeInitial(b []byte) string {
	if len(b) == 0 {
		return "="
	}
	return Encode(b)
}
