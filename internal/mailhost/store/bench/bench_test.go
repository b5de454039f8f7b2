package main

import (
	"bytes"
	"testing"
	"time"
)

func TestMessagesAreAsAdvertised(t *testing.T) {
	author := newAuthor(1)
	a := bytes.Clone(author.message(2))
	b := author.message(30)
	if len(a) != messageSize || len(b) != messageSize {
		t.Errorf("messages have %d and %d bytes", len(a), len(b))
	}
	if bytes.Equal(a, b) {
		t.Error("two messages are the same")
	}
	if !bytes.Contains(b, []byte("Subject: message 000000000030 of a session\r\n\r\n")) {
		t.Errorf("a message has no number: %.500s", b)
	}
}

func TestMedianAndItsInterval(t *testing.T) {
	for _, c := range []struct {
		numbers      []float64
		m, low, high float64
	}{
		{[]float64{3}, 3, 3, 3},
		{[]float64{3, 1, 2}, 2, 1, 3},
		{[]float64{7, 1, 2, 3, 4, 5, 6}, 4, 1, 7},             // 98.4 %
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 5, 2, 8},       // 96.1 %
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5.5, 2, 9}, // 97.9 %
	} {
		if m, low, high := median(c.numbers); m != c.m || low != c.low || high != c.high {
			t.Errorf("median(%v) = %v, %v to %v; want %v, %v to %v", c.numbers, m, low, high, c.m, c.low, c.high)
		}
	}
}

func TestCompareMeasures(t *testing.T) {
	*pairs, *turn = 2, 20*time.Millisecond
	r, err := compare(4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.ratios {
		if r.writer[i] <= 0 || r.whole[i] <= 0 || r.loop[i] <= 0 || r.batch[i] < 1 || r.batch[i] > 4 {
			t.Errorf("turn %d: %v deliveries/s in batches of %v, %v with staging, loop %v/s",
				i, r.writer[i], r.batch[i], r.whole[i], r.loop[i])
		}
	}
}
