package door

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// pace is how long a client has kept the door waiting, and for how much. It may
// do so for [Grace], and as much longer as its bytes take at [SlowestRate]: a
// client that drips one byte whenever its time is nearly over holds nothing open,
// and one behind a bad line gets its message through. What the server itself
// takes its time for does not count.
//
// A session before login has one pace in all. After it, each message or literal
// has its own.
type pace struct {
	waited time.Duration
	got    int64
}

func (p *pace) add(n int, took time.Duration) {
	p.got += int64(n)
	p.waited += took
}

// left is how much longer the client may keep the door waiting.
func (p *pace) left() time.Duration {
	return Grace + time.Duration(p.got/SlowestRate)*time.Second - p.waited
}

// hurry is d, or what is left of a stranger's time.
func (c *Conn) hurry(d time.Duration) time.Duration {
	if c.known {
		return d
	}
	return min(d, c.pace.left())
}

// readNow reads from the socket and counts it.
func (c *Conn) readNow(p []byte) (int, error) {
	began := time.Now()
	n, err := c.live.Read(p)
	c.pace.add(n, time.Since(began))
	return n, err
}

// errTooSlow is the [ErrTimeout] of a client that sent something.
var errTooSlow = fmt.Errorf("%w, counting what it said", ErrTimeout)

// timeoutOf gives a missed deadline its name.
func (c *Conn) timeoutOf(err error) error {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case c.pace.left() <= 0:
		return errTooSlow
	}
	return ErrTimeout
}
