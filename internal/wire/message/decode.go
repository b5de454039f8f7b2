package message

import (
	"bytes"
	"io"

	"golang.org/x/text/transform"
)

// Content returns p's body with the transfer encoding removed. Damaged
// base64 or quoted-printable is read as far as it makes sense; the only
// errors are r's.
func (p *Part) Content(r io.ReaderAt) io.Reader {
	if t := p.encodingDecoder(); t != nil {
		return transform.NewReader(p.Body(r), t)
	}
	return p.Body(r)
}

// Text returns the body of a leaf of type text as UTF-8: transfer encoding
// and charset removed, line breaks as they were. Bytes that the charset does
// not have become U+FFFD; an unknown charset is read as UTF-8, and what is
// not UTF-8 as windows-1252. The only errors are r's. For any other part it
// is empty.
func (p *Part) Text(r io.ReaderAt) io.Reader {
	if p.Type != "text" {
		return bytes.NewReader(nil)
	}
	return transform.NewReader(p.Content(r), charsetDecoder(ParamValue(p.Params, "charset")))
}

// encodingDecoder returns what removes the transfer encoding, nil where there
// is none to remove.
func (p *Part) encodingDecoder() transform.Transformer {
	switch p.Encoding {
	case "base64":
		return &base64Decoder{}
	case "quoted-printable":
		return quotedPrintableDecoder{}
	}
	return nil
}

// A base64Decoder skips whatever is not in the alphabet, and begins anew after
// padding (RFC 2045 §6.8).
type base64Decoder struct {
	bits uint32
	have int // how many bits of it
}

func (d *base64Decoder) Reset() { *d = base64Decoder{} }

func (d *base64Decoder) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for _, c := range src {
		value := base64Values[c]
		switch {
		case c == '=':
			d.Reset()
		case value < 64 && d.have < 2:
			d.bits, d.have = d.bits<<6|uint32(value), d.have+6
		case value < 64 && nDst == len(dst):
			return nDst, nSrc, transform.ErrShortDst
		case value < 64:
			d.bits, d.have = d.bits<<6|uint32(value), d.have-2
			dst[nDst] = byte(d.bits >> d.have)
			nDst++
		}
		nSrc++
	}
	return nDst, nSrc, nil
}

var base64Values = func() (values [256]byte) {
	for i := range values {
		values[i] = 64
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		values[c] = byte(i)
	}
	return values
}()

// A quotedPrintableDecoder follows RFC 2045 §6.7; an "=" that begins nothing
// stands for itself.
type quotedPrintableDecoder struct{ transform.NopResetter }

// maxPadding is how much white space at the end of a line is removed. More of
// it is no padding of transports.
const maxPadding = 1000

func (quotedPrintableDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		rest := src[nSrc:]
		if n := plainPrefix(rest); n > 0 {
			n = copy(dst[nDst:], rest[:n])
			if nDst, nSrc = nDst+n, nSrc+n; n == 0 {
				return nDst, nSrc, transform.ErrShortDst
			}
			continue
		}
		out, size, ok := quotedPrintableUnit(rest, atEOF)
		if !ok {
			return nDst, nSrc, transform.ErrShortSrc
		}
		if nDst+len(out) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// plainPrefix returns how many bytes at the start of b stand for themselves
// whatever follows: all but "=", and white space at the end of a line.
func plainPrefix(b []byte) int {
	for i, c := range b {
		if c == '=' || (c == ' ' || c == '\t') && (i+1 == len(b) || b[i+1] <= ' ') {
			return i
		}
	}
	return len(b)
}

// quotedPrintableUnit decodes what src begins with: "=", or white space. It
// returns the bytes that stand for it and how much of src they stand for; ok
// is false where that can't be told yet.
func quotedPrintableUnit(src []byte, atEOF bool) (out []byte, size int, ok bool) {
	if src[0] == '=' {
		if len(src) >= 3 {
			if b, ok := hexByte(src[1], src[2]); ok {
				return []byte{b}, 3, true
			}
		}
		if padding, end, ok := padding(src[1:], atEOF); end {
			return nil, 1 + padding + breakLength(src[1+padding:]), ok // a soft line break
		} else if !ok || len(src) < 3 && !atEOF {
			return nil, 0, false
		}
		return src[:1], 1, true
	}
	padding, end, ok := padding(src, atEOF)
	if end {
		return nil, padding, ok
	}
	return src[:max(padding, 1)], max(padding, 1), ok
}

// padding returns how much white space src begins with, and whether a line
// ends after it; ok is false where that can't be told yet.
func padding(src []byte, atEOF bool) (length int, end, ok bool) {
	for length < len(src) && length < maxPadding && (src[length] == ' ' || src[length] == '\t') {
		length++
	}
	rest := src[length:]
	switch {
	case length == maxPadding:
		return length, false, true
	case len(rest) == 0:
		return length, atEOF, atEOF
	case len(rest) == 1 && rest[0] == '\r' && !atEOF:
		return length, false, false
	}
	return length, breakLength(rest) > 0, true
}

// breakLength returns the length of the line break that b begins with.
func breakLength(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	case bytes.HasPrefix(b, []byte("\n")):
		return 1
	}
	return 0
}

func hexByte(high, low byte) (b byte, ok bool) {
	h, okHigh := hexDigit(high)
	l, okLow := hexDigit(low)
	return h<<4 | l, okHigh && okLow
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}
