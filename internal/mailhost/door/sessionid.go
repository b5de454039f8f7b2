package door

import (
	"encoding/base32"
	"fmt"
	"io"
	"sync"
)

// sessionIDs gives sessions their names: 50 random bits, which people can read
// out over a telephone: no i, l, o or u.
type sessionIDs struct {
	mu   sync.Mutex
	rand io.Reader
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const idLength = 10

func (s *sessionIDs) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b [7]byte
	if _, err := io.ReadFull(s.rand, b[:]); err != nil {
		// crypto/rand never fails; another source that does is a test's.
		panic(fmt.Sprintf("no randomness for session ids: %v", err))
	}
	return idEncoding.EncodeToString(b[:])[:idLength]
}
