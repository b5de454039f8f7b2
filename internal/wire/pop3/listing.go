package pop3

import (
	"fmt"
	"strconv"
	"strings"
)

// Totals are what STAT answers.
type Totals struct {
	Messages int
	Octets   int64
}

// ParseTotals reads the text of the status that answers STAT.
func ParseTotals(text string) (Totals, error) {
	messages, octets, err := twoNumbers(text)
	if err != nil {
		return Totals{}, err
	}
	return Totals{messages, octets}, nil
}

// ParseSize reads one line of LIST: message number and size in octets.
func ParseSize(line string) (message int, octets int64, err error) { return twoNumbers(line) }

// ParseUID reads one line of UIDL: message number and unique-id, 1 to 70
// printable characters (RFC 1939 §7).
func ParseUID(line string) (message int, uid string, err error) {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0, "", fmt.Errorf("pop3: line %q has no message number and unique-id", shorten(line))
	}
	message, ok := parseNumber(fields[0])
	if !ok || len(fields[1]) > 70 {
		return 0, "", fmt.Errorf("pop3: line %q has no message number and unique-id", shorten(line))
	}
	return message, fields[1], nil
}

// twoNumbers reads the two numbers that a line begins with; servers may add
// more behind them.
func twoNumbers(line string) (int, int64, error) {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0, 0, fmt.Errorf("pop3: line %q does not begin with two numbers", shorten(line))
	}
	first, ok := parseNumber(fields[0])
	second, err := strconv.ParseInt(fields[1], 10, 64)
	if !ok || err != nil || second < 0 {
		return 0, 0, fmt.Errorf("pop3: line %q does not begin with two numbers", shorten(line))
	}
	return first, second, nil
}

// Capability is one line of CAPA's listing.
type Capability struct {
	// Keyword is in upper case.
	Keyword string
	Params  []string
}

// ParseCapability reads one line of CAPA's listing. Any line gives a value.
func ParseCapability(line string) Capability {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return Capability{}
	}
	return Capability{Keyword: strings.ToUpper(fields[0]), Params: fields[1:]}
}

func shorten(line string) string { return line[:min(len(line), 200)] }
