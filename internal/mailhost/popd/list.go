package popd

import (
	"fmt"

	"postern/internal/wire/pop3"
)

// stat answers STAT.
func (x *session) stat() {
	messages, octets := x.drop.totals()
	x.reply(pop3.OK(fmt.Sprintf("%d %d", messages, octets)))
}

// list answers LIST, of one message or of all.
func (x *session) list(c pop3.Command) error {
	if c.Message > 0 {
		e, err := x.drop.at(c.Message)
		if err != nil {
			x.refuse(err)
			return nil
		}
		x.reply(pop3.OK(fmt.Sprintf("%d %d", c.Message, e.size)))
		return nil
	}
	messages, octets := x.drop.totals()
	return x.listing(fmt.Sprintf("%d messages (%d octets)", messages, octets),
		x.each(func(i int) string { return fmt.Sprint(x.drop.messages[i].size) }))
}

// uidl answers UIDL, of one message or of all.
func (x *session) uidl(c pop3.Command) error {
	names := x.drop.uniqueIDs()
	if c.Message > 0 {
		if _, err := x.drop.at(c.Message); err != nil {
			x.refuse(err)
			return nil
		}
		x.reply(pop3.OK(fmt.Sprintf("%d %s", c.Message, names[c.Message-1])))
		return nil
	}
	return x.listing("unique-ids follow", x.each(func(i int) string { return names[i] }))
}

// each makes a line of every message that is not deleted: its number and what
// is said of it.
func (x *session) each(say func(i int) string) []string {
	lines := make([]string, 0, len(x.drop.messages))
	for i, e := range x.drop.messages {
		if !e.deleted {
			lines = append(lines, fmt.Sprintf("%d %s", i+1, say(i)))
		}
	}
	return lines
}
