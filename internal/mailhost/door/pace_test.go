package door

import (
	"bufio"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// drip speaks in pieces with a pause after each, and returns the last line that
// the server said before it hung up, and when it came.
func drip(t *testing.T, pause time.Duration, pieces ...string) (last string, after time.Duration) {
	c := newHouse(t).pipeTo(t, "143")
	c.SetDeadline(time.Time{})
	began := time.Now()
	var speaking sync.WaitGroup
	speaking.Go(func() {
		for _, piece := range pieces {
			if _, err := io.WriteString(c.Conn, piece); err != nil {
				return
			}
			time.Sleep(pause)
		}
	})
	for lines := bufio.NewScanner(c.Conn); lines.Scan(); {
		last, after = withoutSession(lines.Text()), time.Since(began)
	}
	c.Close()
	speaking.Wait()
	return last, after
}

// times is a piece again and again, behind others.
func times(n int, piece string, before ...string) []string {
	for range n {
		before = append(before, piece)
	}
	return before
}

// TestDrippingHoldsNothingOpen: each byte came in time for the wait that it
// ended, and so a session once lasted as long as a whole message.
func TestDrippingHoldsNothingOpen(t *testing.T) {
	const tooSlow = "NO  too little came for too long; closing the connection (session)"
	for name, c := range map[string]struct {
		pause  time.Duration
		pieces []string
	}{
		"body before login":     {170 * time.Second, times(10, "x", "BODY\r\n")},
		"body after login":      {170 * time.Second, times(10, "x", "LOGIN\r\n", "BODY\r\n")},
		"commands before login": {50 * time.Second, times(100, "x\r\n")},
		"bodies before login":   {55 * time.Second, times(100, "BODY\r\n0123456789")},
		"under the rate":        {time.Second, times(largeBody, strings.Repeat("x", SlowestRate/2), "LOGIN\r\n", "LARGE\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				last, after := drip(t, c.pause, c.pieces...)
				if last != tooSlow {
					t.Errorf("last words: %q", last)
				}
				if after > 2*Grace+time.Minute {
					t.Errorf("the session lasted %v", after)
				}
			})
		})
	}
}

// TestSlowIsNotDripping: a client behind a bad line gets a large message
// through, and one that has logged in may think between commands as before.
func TestSlowIsNotDripping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pieces := times(largeBody/3000, strings.Repeat("x", 3000), "LOGIN\r\n", "LARGE\r\n")
		last, after := drip(t, 10*time.Second, append(pieces, "QUIT\r\n")...)
		if want := largeBody / 300 * time.Second; last != "BYE" || after < want {
			t.Errorf("%q after %v, want BYE after %v", last, after, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		pieces := times(10, "BODY\r\n0123456789", "LOGIN\r\n")
		if last, after := drip(t, CommandIMAP-time.Second, append(pieces, "QUIT\r\n")...); last != "BYE" {
			t.Errorf("%q after %v, want BYE", last, after)
		}
	})
}
