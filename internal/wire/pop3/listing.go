package pop3

// Totals are what STAT answers.
type Totals struct {
	Messages int
	Octets   int64
}

// ParseTotals reads the text of the status that answers STAT.
func ParseTotals(text string) (Totals, error) { return Totals{}, nil }

// ParseSize reads one line of LIST: message number and size in octets.
func ParseSize(line string) (message int, octets int64, err error) { return 0, 0, nil }

// ParseUID reads one line of UIDL: message number and unique-id.
func ParseUID(line string) (message int, uid string, err error) { return 0, "", nil }

// Capability is one line of CAPA's listing.
type Capability struct {
	// Keyword is in upper case.
	Keyword string
	Params  []string
}

// ParseCapability reads one line of CAPA's listing.
func ParseCapability(line string) Capability { return Capability{} }
