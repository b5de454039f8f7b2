package popd_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence: a client that says nothing is hung up on without a word (RFC 1939
// §3), after a login much later than before (docs/timeouts.md); and what it has
// marked stays.
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name, said, last string
		after            time.Duration
	}{
		{"before login", "", "+OK mail.example.com POP3 ready", time.Minute},
		{"after login", "USER " + alice + "\r\nPASS «password»\r\nDELE 1\r\n", "+OK marked; QUIT removes it", 10 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.Must(h.deliver(alice + ` "a: b\r\n\r\n"`))
				got := h.Outlast(implicit, 0, strings.ReplaceAll(test.said, "«password»", h.Password))
				if got.Last != test.last || got.At > time.Second {
					t.Errorf("last words are %q after %v", got.Last, got.At)
				}
				if got.End.Round(time.Second) != test.after {
					t.Errorf("hung up after %v, want %v", got.End, test.after)
				}
				h.Must(h.Holds(alice + " 1"))
			})
		})
	}
}
