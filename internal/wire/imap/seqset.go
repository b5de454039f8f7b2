package imap

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// SeqSet is a set of sequence numbers or UIDs as a client wrote it,
// RFC 3501 §9 sequence-set.
type SeqSet []SeqRange

// SeqRange is the numbers from Start to Stop, both included, in either order.
// Star stands for the highest number in use.
type SeqRange struct{ Start, Stop uint32 }

// Star is how a SeqRange keeps "*".
const Star uint32 = 0

var errSeqSet = errors.New("not a sequence set: numbers, ranges n:m and * separated by commas are")

// ParseSeqSet reads a sequence set.
func ParseSeqSet(s string) (SeqSet, error) {
	set := make(SeqSet, 0, 1+strings.Count(s, ","))
	for item := range strings.SplitSeq(s, ",") {
		first, second, isRange := strings.Cut(item, ":")
		start, ok := parseSeqNumber(first)
		if !ok {
			return nil, errSeqSet
		}
		stop := start
		if isRange {
			if stop, ok = parseSeqNumber(second); !ok {
				return nil, errSeqSet
			}
		}
		set = append(set, SeqRange{start, stop})
	}
	return set, nil
}

func parseSeqNumber(s string) (n uint32, ok bool) {
	if s == "*" {
		return Star, true
	}
	if s == "" || s[0] < '1' || s[0] > '9' {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 10, 32)
	return uint32(v), err == nil
}

// Resolve returns the set as ascending ranges that neither touch nor overlap,
// with highest in the place of "*". Where nothing is in use (highest is 0),
// "*" is no number and the ranges with it are left out.
func (s SeqSet) Resolve(highest uint32) []SeqRange {
	ranges := make([]SeqRange, 0, len(s))
	for _, r := range s {
		if (r.Start == Star || r.Stop == Star) && highest == 0 {
			continue
		}
		if r.Start == Star {
			r.Start = highest
		}
		if r.Stop == Star {
			r.Stop = highest
		}
		ranges = append(ranges, SeqRange{min(r.Start, r.Stop), max(r.Start, r.Stop)})
	}
	return mergeRanges(ranges)
}

func mergeRanges(ranges []SeqRange) []SeqRange {
	slices.SortFunc(ranges, func(a, b SeqRange) int {
		return int(int64(a.Start) - int64(b.Start))
	})
	merged := ranges[:0]
	for _, r := range ranges {
		last := len(merged) - 1
		if last >= 0 && uint64(r.Start) <= uint64(merged[last].Stop)+1 {
			merged[last].Stop = max(merged[last].Stop, r.Stop)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// String prints the set as a client would.
func (s SeqSet) String() string {
	var b []byte
	for i, r := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendSeqNumber(b, r.Start)
		if r.Stop != r.Start {
			b = append(b, ':')
			b = appendSeqNumber(b, r.Stop)
		}
	}
	return string(b)
}

func appendSeqNumber(b []byte, n uint32) []byte {
	if n == Star {
		return append(b, '*')
	}
	return strconv.AppendUint(b, uint64(n), 10)
}

// AppendUIDs prints numbers as a uid-set that keeps their order, joining
// neighbours to ranges, as COPYUID and APPENDUID want it (RFC 4315 §3).
func AppendUIDs(dst []byte, uids []uint32) []byte {
	for i := 0; i < len(uids); {
		j := i
		for j+1 < len(uids) && uids[j+1] == uids[j]+1 {
			j++
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, uint64(uids[i]), 10)
		if j > i {
			dst = append(dst, ':')
			dst = strconv.AppendUint(dst, uint64(uids[j]), 10)
		}
		i = j + 1
	}
	return dst
}
