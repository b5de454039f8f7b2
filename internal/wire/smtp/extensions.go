package smtp

// Extensions are the service extensions that a server's reply to EHLO lists
// (RFC 5321 §4.1.1.1).
type Extensions struct {
	// Server is the name by which the server greets.
	Server string
	// List holds the keywords in the server's order.
	List []Extension
}

// Extension is one line of the EHLO reply.
type Extension struct {
	// Keyword is in upper case.
	Keyword string
	// Params are as sent.
	Params []string
}

// ParseExtensions reads the reply to EHLO. Any reply gives a value: lines that
// are no keyword are kept as they are, in upper case.
func ParseExtensions(r Reply) Extensions { return Extensions{} }

// Lookup finds a keyword, in any case.
func (e Extensions) Lookup(keyword string) (Extension, bool) { return Extension{}, false }

// Mechanisms lists the SASL mechanisms in upper case, from "AUTH PLAIN" and
// from the old "AUTH=PLAIN" alike.
func (e Extensions) Mechanisms() []string { return nil }

// Size is the server's limit of a message in octets, 0 when it names none;
// known says whether the server has the SIZE extension at all.
func (e Extensions) Size() (octets int64, known bool) { return 0, false }
