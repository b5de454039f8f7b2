package message

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// folding returns what brings text into the form in which it is compared:
// i;unicode-casemap (RFC 5051 §2) maps characters to titlecase and then
// decomposes them.
func folding() []transform.Transformer {
	return []transform.Transformer{titlecase{}, norm.NFKD}
}

// foldString returns s in the form in which it is compared.
func foldString(s string) string {
	folded, _, err := transform.String(transform.Chain(folding()...), s)
	if err != nil {
		return s // can't be: neither transformer fails
	}
	return folded
}

// titlecase maps each character to its titlecase; what is not UTF-8 becomes
// U+FFFD.
type titlecase struct{ transform.NopResetter }

func (titlecase) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		c := src[nSrc]
		if c < utf8.RuneSelf {
			if nDst == len(dst) {
				return nDst, nSrc, transform.ErrShortDst
			}
			if 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			}
			dst[nDst] = c
			nDst, nSrc = nDst+1, nSrc+1
			continue
		}
		if !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, size := utf8.DecodeRune(src[nSrc:])
		r = unicode.ToTitle(r)
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}
