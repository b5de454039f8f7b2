package evidence

import (
	"math"
	"time"
)

// Millis is a length of time in milliseconds, to the microsecond, as it stands
// in the JSON form.
type Millis float64

// Since returns the time from start until now.
func Since(start time.Time) Millis { return MillisOf(time.Since(start)) }

// MillisOf converts d, rounded to the microsecond.
func MillisOf(d time.Duration) Millis { return Millis(d.Microseconds()) / 1000 }

// Duration converts back. What no Duration can hold becomes the longest one
// there is, in either direction.
func (m Millis) Duration() time.Duration {
	ns := float64(m) * float64(time.Millisecond)
	switch {
	case math.IsNaN(ns):
		return 0
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	}
	return time.Duration(ns)
}
