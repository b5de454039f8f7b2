package main

import (
	"math"
	"slices"
)

// median returns the median of some numbers and the interval between the
// closest two of them that hold the median of all there could be with at
// least 95 % confidence, by the binomial distribution. Fewer than 6 numbers
// can't say so much: then it is the whole range.
func median(numbers []float64) (m, low, high float64) {
	s := slices.Sorted(slices.Values(numbers))
	n := len(s)
	m = (s[(n-1)/2] + s[n/2]) / 2
	k := 0
	for n > 0 && k+1 < n/2 && outside(n, k+1) <= 0.05 {
		k++
	}
	return m, s[k], s[n-1-k]
}

// outside is the probability that a median lies beyond the k-th number from
// either end of n, counting from 0.
func outside(n, k int) float64 {
	p := 0.0
	for i := range k + 1 {
		p += binomial(n, i)
	}
	return 2 * p * math.Pow(0.5, float64(n))
}

func binomial(n, k int) float64 {
	b := 1.0
	for i := range k {
		b = b * float64(n-i) / float64(i+1)
	}
	return b
}

func middle(numbers []float64) float64 {
	m, _, _ := median(numbers)
	return m
}
