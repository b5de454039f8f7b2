package imap

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		set     string
		highest uint32
		want    []SeqRange
	}{
		{"1", 10, []SeqRange{{1, 1}}},
		{"3:1", 10, []SeqRange{{1, 3}}},
		{"*", 10, []SeqRange{{10, 10}}},
		{"12:*", 10, []SeqRange{{10, 12}}}, // RFC 3501 §6.4.8
		{"5,1:2,3,9:7,8:*", 10, []SeqRange{{1, 3}, {5, 5}, {7, 10}}},
		{"1:*", 0, nil},
		{"*,3", 0, []SeqRange{{3, 3}}},
		{"1:4294967295,4294967295", 10, []SeqRange{{1, 4294967295}}},
	} {
		set, err := ParseSeqSet(c.set)
		if err != nil {
			t.Fatal(err)
		}
		if got := set.Resolve(c.highest); !slices.Equal(got, c.want) {
			t.Errorf("%s of %d: got %v, want %v", c.set, c.highest, got, c.want)
		}
		if got := set.String(); got != c.set {
			t.Errorf("%s is printed as %s", c.set, got)
		}
	}
}

// Resolve keeps exactly the numbers that the set's ranges have.
func TestResolveKeepsNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Uint32Range(0, 20)
		ranges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) SeqRange {
			return SeqRange{number.Draw(t, "start"), number.Draw(t, "stop")}
		}), 1, 6).Draw(t, "set")
		highest := rapid.Uint32Range(1, 20).Draw(t, "highest")
		resolved := SeqSet(ranges).Resolve(highest)
		for n := uint32(1); n <= 21; n++ {
			if got, want := holds(resolved, n), holds(starless(ranges, highest), n); got != want {
				t.Fatalf("%v of %d has %d: %v, want %v", ranges, highest, n, got, want)
			}
		}
		for i := 1; i < len(resolved); i++ {
			if resolved[i].Start <= resolved[i-1].Stop+1 {
				t.Fatalf("%v are not apart", resolved)
			}
		}
	})
}

func starless(ranges []SeqRange, highest uint32) []SeqRange {
	var without []SeqRange
	for _, r := range ranges {
		if r.Start == Star {
			r.Start = highest
		}
		if r.Stop == Star {
			r.Stop = highest
		}
		without = append(without, r)
	}
	return without
}

func holds(ranges []SeqRange, n uint32) bool {
	return slices.ContainsFunc(ranges, func(r SeqRange) bool {
		return min(r.Start, r.Stop) <= n && n <= max(r.Start, r.Stop)
	})
}

func TestAppendUIDs(t *testing.T) {
	for want, uids := range map[string][]uint32{
		"":                      nil,
		"7":                     {7},
		"1:3,5":                 {1, 2, 3, 5},
		"9,3:4,1":               {9, 3, 4, 1},
		"4294967294:4294967295": {4294967294, 4294967295},
	} {
		if got := string(AppendUIDs(nil, uids)); got != want {
			t.Errorf("%v is printed as %s, want %s", uids, got, want)
		}
	}
}

func FuzzSeqSet(f *testing.F) {
	for _, s := range []string{"1", "1:*", "*", "5,3:2,*:9", "0", "1,,2"} {
		f.Add(s, uint32(7))
	}
	f.Fuzz(func(t *testing.T, s string, highest uint32) {
		set, err := ParseSeqSet(s)
		if err != nil {
			return
		}
		again, err := ParseSeqSet(set.String())
		if err != nil || !slices.Equal(again, set) {
			t.Fatalf("%q is printed as %s, which reads as %v, %v", s, set, again, err)
		}
		set.Resolve(highest)
	})
}
