package message

import (
	"io"
	"math/bits"
	"sync"
)

// A signature is a version and a set of hashed trigrams: a Bloom filter with
// two hashes over each three bytes in a row of the folded text. Its size is a
// power of two, and the bit of a hash is the hash modulo the size, so that a
// filter is halved by laying its upper half over the lower one. It is filled
// at the full size and halved while at most half of the bits are set.
const (
	signatureVersion = 1
	maxFilterWords   = 16 << 10 / 8
	minFilterWords   = 1
)

// Signature returns a summary of all the text of a message that a Needle
// could be found in. Its size grows with the text: 9 bytes at least, about
// 1 KiB for 10 KiB of English, at most 16 KiB and one byte.
//
// A Needle is looked up by its trigrams. Of the messages without a word,
// MayMatch lets through (measured by TestSignatureFalsePositives):
//
//	text      signature   4 letters   6    8    10   12
//	  1 KiB     230 bytes        7%   1%   1%    0%   0%
//	 10 KiB     930 bytes       20%  14%  10%    7%   5%
//	100 KiB    3340 bytes       33%  40%  41%   39%  34%
//
// The longer the text, the more words are made of trigrams that it has. A
// larger filter would not help there.
func Signature(r io.ReaderAt, root *Part) ([]byte, error) {
	f := filters.Get().(*filter)
	defer filters.Put(f)
	clear(f.words[:])
	for text := range allTexts(r, root) {
		if err := f.addText(text); err != nil {
			return nil, err
		}
	}
	return f.signature(), nil
}

// MayMatch reports whether a message with that signature can match: false is
// certain for all of MatchText, MatchBody and MatchField; true is not. Any
// message may match an empty signature or one of an unknown version.
func (n *Needle) MayMatch(signature []byte) bool {
	size := len(signature) - 1
	if size < 8*minFilterWords || size > 8*maxFilterWords || size&(size-1) != 0 || signature[0] != signatureVersion {
		return true
	}
	words := signature[1:]
	has := func(bit uint32) bool {
		bit %= uint32(size * 8)
		return words[bit/8]&(1<<(bit%8)) != 0
	}
	for i := 0; i+3 <= len(n.folded); i++ {
		if a, b := trigramBits(n.folded[i], n.folded[i+1], n.folded[i+2]); !has(a) || !has(b) {
			return false
		}
	}
	return true
}

// trigramBits returns the two bits of a trigram in a filter of full size.
func trigramBits(a, b, c byte) (uint32, uint32) {
	h := (uint64(a)<<16 | uint64(b)<<8 | uint64(c)) * 0x9E3779B97F4A7C15
	const mask = maxFilterWords*64 - 1
	return uint32(h>>47) & mask, uint32(h>>30) & mask
}

type filter struct {
	words [maxFilterWords]uint64
	buf   [4096]byte
}

var filters = sync.Pool{New: func() any { return new(filter) }}

// addText adds the trigrams of a folded text.
func (f *filter) addText(folded io.Reader) error {
	var a, b byte
	seen := 0
	for {
		n, err := folded.Read(f.buf[:])
		for _, c := range f.buf[:n] {
			if seen++; seen >= 3 {
				x, y := trigramBits(a, b, c)
				f.words[x/64] |= 1 << (x % 64)
				f.words[y/64] |= 1 << (y % 64)
			}
			a, b = b, c
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// signature returns the filter, halved as often as it stays selective.
func (f *filter) signature() []byte {
	size := maxFilterWords
	for ; size > minFilterWords; size /= 2 {
		set := 0
		for i := range size / 2 {
			set += bits.OnesCount64(f.words[i] | f.words[i+size/2])
		}
		if set > size/2*64/2 {
			break
		}
		for i := range size / 2 {
			f.words[i] |= f.words[i+size/2]
		}
	}
	out := make([]byte, 1, 1+size*8)
	out[0] = signatureVersion
	for _, w := range f.words[:size] {
		for shift := 0; shift < 64; shift += 8 {
			out = append(out, byte(w>>shift))
		}
	}
	return out
}
