package message

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads the date-time of a Date field (RFC 5322 §3.3), obsolete and
// common wrong forms included: the day of the week, seconds and zone may be
// missing, a zone may have a name, years have two digits or more, and the
// order of C's asctime is read too. The time keeps the zone that it was
// written in.
func ParseDate(s string) (t time.Time, ok bool) {
	var d date
	for word := range strings.FieldsFuncSeq(stripComments(s), func(r rune) bool {
		return r == ' ' || r == '\t' || r == ','
	}) {
		if !d.word(word) {
			return time.Time{}, false
		}
	}
	return d.time()
}

// A date is what was read of a date-time so far; zero means not yet.
type date struct {
	day, month, year     int
	hour, minute, second int
	hasYear, hasTime     bool
	zone                 int // seconds east of UTC
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// zones are the names that RFC 5322 §4.3 gives a meaning, in hours; any other
// name says nothing, as -0000 does.
var zones = map[string]int{
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}

// word takes one word of a date. It returns false where that makes the whole
// no date.
func (d *date) word(w string) bool {
	w = strings.ToLower(w)
	switch {
	case w[0] == '+' || w[0] == '-':
		return d.setZone(w)
	case strings.Contains(w, ":"):
		return d.setTime(w)
	case strings.Contains(w, "-"):
		for part := range strings.SplitSeq(w, "-") {
			if part == "" || !d.word(part) {
				return false
			}
		}
		return true
	case w[0] >= '0' && w[0] <= '9':
		return d.setNumber(w)
	}
	for i, name := range months {
		if strings.HasPrefix(w, name) && d.month == 0 {
			d.month = i + 1
			return true
		}
	}
	if hours, ok := zones[w]; ok {
		d.zone = hours * 3600
	}
	return true
}

// setNumber takes the day, then the year (RFC 5322 §4.3 for short years).
func (d *date) setNumber(w string) bool {
	n, err := strconv.Atoi(w)
	switch {
	case err != nil || n > 9999:
		return false
	case d.day == 0 && len(w) <= 2:
		d.day = n
		return n >= 1 && n <= 31
	case d.hasYear:
		return false
	case len(w) <= 2 && n < 50:
		n += 2000
	case len(w) <= 3:
		n += 1900
	}
	d.year, d.hasYear = n, true
	return true
}

// setTime takes hour:minute[:second], with a zone right after it or without.
func (d *date) setTime(w string) bool {
	if i := strings.IndexAny(w, "+-z"); i > 0 {
		if w[i] != 'z' && !d.setZone(w[i:]) {
			return false
		}
		w = w[:i]
	}
	parts := strings.Split(w, ":")
	if len(parts) > 3 || d.hasTime {
		return false
	}
	d.hasTime = true
	for i, limit := range []struct {
		field *int
		max   int
	}{{&d.hour, 23}, {&d.minute, 59}, {&d.second, 60}}[:len(parts)] {
		digits, _, _ := strings.Cut(parts[i], ".")
		n, err := strconv.ParseUint(digits, 10, 8)
		if err != nil || int(n) > limit.max {
			return false
		}
		*limit.field = int(n)
	}
	d.second = min(d.second, 59) // a leap second is no time that Go has
	return true
}

// setZone takes +hhmm or -hhmm, with a colon or without.
func (d *date) setZone(w string) bool {
	digits := strings.ReplaceAll(w[1:], ":", "")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || len(digits) != 4 || n%100 > 59 || n > 2359 {
		return false
	}
	d.zone = int(n/100)*3600 + int(n%100)*60
	if w[0] == '-' {
		d.zone = -d.zone
	}
	return true
}

func (d *date) time() (time.Time, bool) {
	if d.day == 0 || d.month == 0 || !d.hasYear {
		return time.Time{}, false
	}
	zone := time.UTC
	if d.zone != 0 {
		zone = time.FixedZone("", d.zone)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, zone)
	return t, t.Day() == d.day // not 31 February
}
