package pop3

// Verb is the first word of a command, in upper case.
type Verb string

// The verbs that ParseCommand knows.
const (
	USER Verb = "USER"
	PASS Verb = "PASS"
	AUTH Verb = "AUTH"
	STLS Verb = "STLS"
	CAPA Verb = "CAPA"
	STAT Verb = "STAT"
	LIST Verb = "LIST"
	RETR Verb = "RETR"
	DELE Verb = "DELE"
	NOOP Verb = "NOOP"
	RSET Verb = "RSET"
	TOP  Verb = "TOP"
	UIDL Verb = "UIDL"
	QUIT Verb = "QUIT"
)

// Command is one parsed command line.
type Command struct {
	Verb Verb
	// Text is the argument of USER and PASS, exactly as sent: spaces belong to
	// a password (RFC 1939 §7).
	Text string
	// Message is the message number of LIST, UIDL, RETR, DELE and TOP, from 1;
	// 0 when LIST or UIDL stands alone.
	Message int
	// Lines is the number of body lines that TOP asks for.
	Lines int
	// Mechanism is AUTH's, in upper case; empty when AUTH stands alone and
	// asks for the list.
	Mechanism string
	// Initial is AUTH's initial response, still in base64; "=" stands for an
	// empty one. It is empty when there was none.
	Initial string
}

// SyntaxError says why a line is no command, in words for the client.
type SyntaxError struct {
	// Unknown is true when the verb itself is not known.
	Unknown bool
	Text    string
}

func (e *SyntaxError) Error() string { return "pop3: " + e.Text }

// ParseCommand parses a command line without its CRLF. The error is always a
// *SyntaxError.
func ParseCommand(line string) (Command, error) {
	return Command{}, &SyntaxError{Unknown: true, Text: "unknown command"}
}
