package popd_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence: a client that says nothing is told goodbye, after a login much
// later than before (docs/timeouts.md); and what it has marked stays.
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name, said string
		after      time.Duration
	}{
		{"before login", "", time.Minute},
		{"after login", "USER " + alice + "\r\nPASS «password»\r\nDELE 1\r\n", 10 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.Must(h.deliver(alice + ` "a: b\r\n\r\n"`))
				got := h.Outlast(implicit, 0, strings.ReplaceAll(test.said, "«password»", h.Password))
				if !strings.HasPrefix(got.Last, "-ERR [SYS/TEMP] nothing came for too long") {
					t.Errorf("last words are %q", got.Last)
				}
				if got.At.Round(time.Second) != test.after {
					t.Errorf("goodbye after %v, want %v", got.At, test.after)
				}
				h.Must(h.Holds(alice + " 1"))
			})
		})
	}
}
