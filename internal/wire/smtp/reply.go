package smtp

// Enhanced is an enhanced status code: class, subject, detail (RFC 3463). The
// zero value stands for none.
type Enhanced [3]int

// String prints "5.7.1"; nothing for the zero value.
func (e Enhanced) String() string { return "" }

// Reply is one reply of a server, of one or more lines (RFC 5321 §4.2).
type Reply struct {
	// Code is the three-digit code.
	Code int
	// Enhanced is the code of RFC 2034; the zero value when there is none.
	Enhanced Enhanced
	// Lines are the texts, without codes. At least one.
	Lines []string
}

// NewReply makes a reply.
func NewReply(code int, enhanced Enhanced, lines ...string) Reply {
	return Reply{Code: code, Enhanced: enhanced, Lines: lines}
}

// String prints the reply as it goes over the wire, CRLF included. Control
// characters in texts are replaced, so that nothing that is quoted back to a
// client can end a line.
func (r Reply) String() string { return "" }

// Text joins the lines with spaces, for matching and for people.
func (r Reply) Text() string { return "" }

// Positive reports a code of the 2xx or 3xx classes, Transient one of 4xx,
// Permanent one of 5xx.
func (r Reply) Positive() bool  { return r.Code >= 200 && r.Code < 400 }
func (r Reply) Transient() bool { return r.Code >= 400 && r.Code < 500 }
func (r Reply) Permanent() bool { return r.Code >= 500 }

// ReplyLine is one line of a reply.
type ReplyLine struct {
	Code int
	// More is true for a line that others follow ("250-").
	More bool
	Text string
}

// ParseReplyLine parses one reply line without its line end.
func ParseReplyLine(line string) (ReplyLine, error) { return ReplyLine{}, nil }

// ReadReply reads the lines of one reply from next, which returns lines
// without their line ends. It is tolerant: a reply whose lines carry different
// codes has the code of its last line. Errors of next are returned as they
// are; any other error is a *ReplyError.
func ReadReply(next func() (string, error)) (Reply, error) { return Reply{}, nil }

// ReplyError says that a server's line is not an SMTP reply.
type ReplyError struct {
	// Line is what the server sent, shortened to 200 octets.
	Line   string
	Reason string
}

func (e *ReplyError) Error() string { return "smtp: " + e.Reason }
