package lab

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Rand draws what a scenario shall not always have the same. The same seed
// draws the same scenario.
type Rand struct {
	Seed uint64
	rand *rand.Rand
}

// NewRand returns a source for the seed.
func NewRand(seed uint64) *Rand {
	return &Rand{Seed: seed, rand: rand.New(rand.NewPCG(seed, 0x506f737465726e))}
}

// Pick returns one of the choices.
func Pick[T any](r *Rand, choices ...T) T { return choices[r.rand.IntN(len(choices))] }

// Between returns a duration from low up to high.
func (r *Rand) Between(low, high time.Duration) time.Duration {
	return low + time.Duration(r.rand.Int64N(int64(high-low)+1))
}

// Loopback returns an address in 127.0.0.0/8 that no other program is likely to use.
func (r *Rand) Loopback() netip.Addr {
	octet := func() byte { return byte(2 + r.rand.IntN(250)) }
	return netip.AddrFrom4([4]byte{127, octet(), octet(), octet()})
}

// Domain returns a domain under .test (RFC 6761).
func (r *Rand) Domain() string {
	return fmt.Sprintf("%s-%s.test", Pick(r, adjectives...), Pick(r, nouns...))
}

// LocalPart returns the local part of an address, in lower case.
func (r *Rand) LocalPart() string {
	return Pick(r, people...) + Pick(r, "", ".", "_") + Pick(r, nouns...)
}

// Password returns a password of letters, digits and a few signs.
func (r *Rand) Password() string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.!"
	b := make([]byte, 14)
	for i := range b {
		b[i] = letters[r.rand.IntN(len(letters))]
	}
	return string(b)
}

var (
	adjectives = []string{"amber", "bright", "calm", "distant", "early", "fallow", "gentle", "hollow", "ivory", "jolly", "keen", "lunar"}
	nouns      = []string{"anchor", "bridge", "cedar", "dune", "ember", "falcon", "garden", "harbour", "island", "juniper", "kiln", "lantern"}
	people     = []string{"ada", "boris", "chen", "dora", "emil", "fatima", "george", "hanna", "ivan", "jonas", "kira", "lea"}
)
