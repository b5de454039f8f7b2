package door

import (
	"net/netip"
	"sync"
	"time"
)

// suspects remembers the addresses that sent a ClientHello to a port that
// begins in plain text. What they were told there, in plain text, their TLS
// library threw away; the next time they are worth waiting for.
type suspects struct {
	mu   sync.Mutex
	seen map[netip.Prefix]time.Time
}

// maxSuspects bounds the memory. When it is full the newcomer is not
// remembered: the people who need this are few.
const maxSuspects = 4096

func newSuspects() *suspects { return &suspects{seen: make(map[netip.Prefix]time.Time)} }

func (s *suspects) add(a netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if len(s.seen) >= maxSuspects {
		for k, at := range s.seen {
			if now.Sub(at) > Suspect {
				delete(s.seen, k)
			}
		}
	}
	if len(s.seen) < maxSuspects {
		s.seen[household(a)] = now
	}
}

func (s *suspects) has(a netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.seen[household(a)]
	if ok && time.Since(at) > Suspect {
		delete(s.seen, household(a))
		return false
	}
	return ok
}

// household is the address itself, or the /64 that one IPv6 client draws its
// addresses from.
func household(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
