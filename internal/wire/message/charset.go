package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// charsetDecoder returns what turns text in a charset into UTF-8: bytes that
// the charset does not have become U+FFFD. Text in US-ASCII or in an unknown
// charset is guessed.
func charsetDecoder(charset string) transform.Transformer {
	name := strings.ToLower(strings.TrimSpace(charset))
	switch name {
	case "utf-8", "utf8":
		return unicode.UTF8.NewDecoder()
	case "", "us-ascii", "ascii":
		return guess{}
	case "utf-16": // big endian without a mark, unlike on the web (RFC 2781 §4.3)
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()
	case "hz-gb-2312": // not on the web, but in mail
		return simplifiedchinese.HZGB2312.NewDecoder()
	}
	// The web's reading comes first: what is labelled ISO-8859-1 in mail, too,
	// is in truth windows-1252.
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e.NewDecoder()
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e.NewDecoder()
	}
	return guess{}
}

// decodeCharset returns text in a charset as valid UTF-8.
func decodeCharset(charset string, text []byte) string {
	out, _, err := transform.Bytes(charsetDecoder(charset), text)
	if err != nil {
		out, _, _ = transform.Bytes(guess{}, text)
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// guess reads UTF-8 where it is valid, and windows-1252 byte by byte elsewhere.
type guess struct{ transform.NopResetter }

func (guess) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if n := asciiPrefix(src[nSrc:]); n > 0 {
			n = copy(dst[nDst:], src[nSrc:nSrc+n])
			if n == 0 {
				return nDst, nSrc, transform.ErrShortDst
			}
			nDst, nSrc = nDst+n, nSrc+n
			continue
		}
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size == 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r = charmap.Windows1252.DecodeByte(src[nSrc])
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// asciiPrefix returns how many bytes at the start of b are below 128.
func asciiPrefix(b []byte) int {
	if n := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf }); n >= 0 {
		return n
	}
	return len(b)
}
