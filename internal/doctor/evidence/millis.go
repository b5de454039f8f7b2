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

// Duration converts back. What no Duration can hold becomes the longest one.
func (m Millis) Duration() time.Duration {
	ns := float64(m) * float64(time.Millisecond)
	if math.IsNaN(ns) {
		return 0
	}
	if math.Abs(ns) >= math.MaxInt64 {
		return time.Duration(math.Copysign(1, ns)*math.MaxInt64/2) * 2
	}
	return time.Duration(ns)
}
