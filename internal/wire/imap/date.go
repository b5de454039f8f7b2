package imap

import (
	"time"
)

// internalDate is date-time of RFC 3501 §9; the day is filled with a space.
const internalDate = "_2-Jan-2006 15:04:05 -0700"

// AppendDate prints a date and time as INTERNALDATE has it, with its quotes,
// in UTC.
func AppendDate(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, internalDate)
	return append(dst, '"')
}

// dateTime reads the date of APPEND. One that UTC puts beyond years of four
// digits could not be printed again.
func (p *parser) dateTime() time.Time {
	text := p.quoted()
	if p.err != nil {
		return time.Time{}
	}
	t, err := time.Parse(internalDate, text)
	if year := t.UTC().Year(); err != nil || len(text) > len(internalDate) || year < 0 || year > 9999 {
		p.fail(`%+q is not a date such as "17-Jul-1996 02:44:25 -0700"`, text[:min(len(text), 40)])
	}
	return t
}

// day reads a date of SEARCH, with or without quotes: midnight UTC of that day.
func (p *parser) day() time.Time {
	var text string
	if p.next() == '"' {
		text = p.quoted()
	} else {
		text = p.atom("a date")
	}
	if p.err != nil {
		return time.Time{}
	}
	t, err := time.Parse("2-Jan-2006", text)
	if err != nil {
		p.fail("%+q is not a date such as 1-Feb-1994", text[:min(len(text), 40)])
	}
	return t
}
