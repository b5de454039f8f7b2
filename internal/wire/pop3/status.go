package pop3

// Code is a response code (RFC 2449 §8), without its brackets.
type Code string

// The response codes of RFC 2449 and RFC 3206.
const (
	CodeInUse      Code = "IN-USE"
	CodeLoginDelay Code = "LOGIN-DELAY"
	CodeAuth       Code = "AUTH"
	CodeSysTemp    Code = "SYS/TEMP"
	CodeSysPerm    Code = "SYS/PERM"
)

// Status is the first line of every response.
type Status struct {
	OK bool
	// Code is empty when there is none. A parsed one is in upper case.
	Code Code
	Text string
}

// OK makes a positive status.
func OK(text string) Status { return Status{OK: true, Text: text} }

// Err makes a negative status; the code may be empty.
func Err(code Code, text string) Status { return Status{Code: code, Text: text} }

// String prints the line as it goes over the wire, CRLF included. Control
// characters in the text are replaced.
func (s Status) String() string { return "" }

// ParseStatus parses a status line without its line end. The error says that a
// line is neither +OK nor -ERR.
func ParseStatus(line string) (Status, error) { return Status{}, nil }
