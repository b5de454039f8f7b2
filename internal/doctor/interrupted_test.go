package doctor

import (
	"context"
	"testing"
	"time"
)

// A socket saw the deadline of --timeout a moment before the context did: the
// run was called complete, and a server that hangs healthy.
func TestRunThatEndsAtItsDeadlineIsInterrupted(t *testing.T) {
	if got := interrupted(lateContext{t.Context()}); got != "timeout" {
		t.Errorf("the deadline has passed: %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if got := interrupted(ctx); got != "" {
		t.Errorf("nothing has ended: %q", got)
	}
	cancel()
	if got := interrupted(ctx); got != "cancelled" {
		t.Errorf("cancelled: %q", got)
	}
}

// lateContext has a deadline that has passed and does not know it yet.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Unix(1, 0), true }
