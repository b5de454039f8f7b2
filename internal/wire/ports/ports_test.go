package ports

import (
	"slices"
	"testing"
)

func TestEveryMailPortIsThereOnce(t *testing.T) {
	var numbers []int
	for _, p := range All() {
		numbers = append(numbers, p.Number)
		if got, ok := Lookup(p.Number); !ok || got != p {
			t.Errorf("Lookup(%d) = %v, %v", p.Number, got, ok)
		}
		if p.Purpose == "" || p.Advice == "" {
			t.Errorf("port %d has no words", p.Number)
		}
	}
	slices.Sort(numbers)
	if want := []int{25, 26, 110, 143, 465, 587, 993, 995, 2525}; !slices.Equal(numbers, want) {
		t.Errorf("ports %v, want %v", numbers, want)
	}
}

func TestFirstChoicesAreImplicitTLS(t *testing.T) {
	first := map[Protocol]int{}
	for _, p := range All() {
		if p.Rank == 1 {
			first[p.Protocol] = p.Number
			if p.Security != TLS {
				t.Errorf("first choice %d is not TLS from the first byte (RFC 8314 §3)", p.Number)
			}
		}
		if (p.Rank == 0) != (p.Role == Relay) {
			t.Errorf("port %d: only relay ports are not for people", p.Number)
		}
	}
	if first[IMAP] != 993 || first[POP3] != 995 || first[SMTP] != 465 {
		t.Errorf("first choices %v", first)
	}
}

func TestOffset(t *testing.T) {
	imaps, _ := Lookup(993)
	if n := Offset(10000).Number(imaps); n != 10993 {
		t.Errorf("993 with offset 10000 is %d", n)
	}
	if p, ok := Offset(10000).Lookup(12525); !ok || p.Number != 2525 {
		t.Errorf("12525 with offset 10000 is %v, %v", p.Number, ok)
	}
	for offset, ok := range map[Offset]bool{0: true, 10000: true, 63010: true, 63011: false, -26: false} {
		if err := offset.Check(); (err == nil) != ok {
			t.Errorf("Offset(%d).Check() = %v", offset, err)
		}
	}
}
