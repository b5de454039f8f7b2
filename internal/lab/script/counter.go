package script

import "sync"

// Counter counts what clients did to one or more servers. It is safe for
// concurrent use.
type Counter struct {
	mu     sync.Mutex
	active int
	counts Counts
}

// Counts is the state of a [Counter] at one moment.
type Counts struct {
	Connections  int // accepted
	Sessions     int // in which the client sent a line
	PeakSessions int // most sessions at a time, each from its first line to its end
	Logins       int // attempts
	Failed       int // attempts that were refused
}

// Counts returns the state now.
func (c *Counter) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

func (c *Counter) connected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Connections++
}

func (c *Counter) began() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active++
	c.counts.Sessions++
	c.counts.PeakSessions = max(c.counts.PeakSessions, c.active)
}

func (c *Counter) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active--
}

func (c *Counter) login(ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Logins++
	if !ok {
		c.counts.Failed++
	}
}
