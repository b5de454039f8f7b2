package imapd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// complaint collects what went wrong in a goroutine that can't end the test.
type complaint struct{ t *testing.T }

func (c complaint) Helper() {}

func (c complaint) Fatalf(format string, args ...any) {
	c.t.Errorf(format, args...)
	panic(errGaveUp)
}

var errGaveUp = fmt.Errorf("gave up")

// TestCrowd lets sessions change one mailbox at the same time, in IDLE and out
// of it. Each keeps its book of sequence numbers; in the end all books agree.
func TestCrowd(t *testing.T) {
	const sessions, rounds = 6, 40
	h := newHost(t)
	var clients []*client
	for i := range sessions {
		c := newClient(t, h, string(rune('A'+i)))
		defer c.Close()
		c.do(t, "SELECT INBOX")
		clients = append(clients, c)
	}
	var wg sync.WaitGroup
	for i, c := range clients {
		random := rand.New(rand.NewPCG(uint64(i), 7))
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil && r != any(errGaveUp) {
					panic(r)
				}
			}()
			for range rounds {
				c.act(complaint{t}, h, random)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, c := range clients {
		c.do(t, "NOOP")
		c.do(t, "FETCH 1:* UID")
		if !slices.Equal(c.uids, clients[0].uids) {
			t.Errorf("%s knows of %v, %s of %v", c.name, c.uids, clients[0].name, clients[0].uids)
		}
	}
}

// act does one of the things that clients do.
func (c *client) act(t failer, h *host, random *rand.Rand) {
	const mail = "Subject: x\r\n\r\ntext\r\n"
	switch random.IntN(8) {
	case 0, 1:
		c.do(t, fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(mail), mail))
	case 2:
		if n := len(c.uids); n > 0 {
			c.do(t, fmt.Sprintf("STORE %d +FLAGS (\\Deleted)", 1+random.IntN(n)))
		}
	case 3:
		c.do(t, "EXPUNGE")
	case 4:
		if n := len(c.uids); n > 0 {
			c.do(t, fmt.Sprintf("FETCH %d (UID BODY.PEEK[])", 1+random.IntN(n)))
		}
	case 5:
		if n := len(c.uids); n > 0 {
			c.do(t, fmt.Sprintf("MOVE %d INBOX", 1+random.IntN(n)))
		}
	case 6:
		c.do(t, "IDLE")
	case 7:
		c.do(t, "UID FETCH 1:* FLAGS")
	}
	if !c.ascend() {
		t.Fatalf("%s: UIDs out of order: %v", c.name, c.uids)
	}
}
