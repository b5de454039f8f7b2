package imap

import (
	"bufio"
	"errors"
)

// Condition is what a status response states, RFC 3501 §7.1.
type Condition string

// The conditions.
const (
	OK      Condition = "OK"
	No      Condition = "NO"
	Bad     Condition = "BAD"
	Bye     Condition = "BYE"
	PreAuth Condition = "PREAUTH"
)

// Response is one response of a server, as far as it can be understood: a line
// that is no IMAP at all is a Response with nothing but Raw.
type Response struct {
	Tag  string // "*" for an untagged response, "+" for a continuation request, else the command's tag
	Raw  []byte // as it came, with its line ends and literals
	Text string // human-readable text of a status response or continuation request

	Cond Condition // "" for a response that states no condition
	Code Code      // response code of a status response or continuation; Code.Name is "" without one

	Name   string  // untagged data: CAPABILITY, EXISTS, FETCH, ... in upper case
	Number uint32  // the number before the name: 12 of "12 EXISTS"
	Data   []Value // what follows the name
}

// Code is a response code, RFC 3501 §7.1: UIDNEXT 4392, UNAVAILABLE, ...
type Code struct {
	Name string // upper case
	Data []Value
}

// Capabilities returns the capabilities that a response states, be it in a
// response code or as untagged data, in upper case and in the server's order;
// nil where it states none.
func (r *Response) Capabilities() []string {
	return nil
}

// Value is one item of a response's data.
type Value struct {
	Kind ValueKind
	Text string  // atom, quoted string or literal, decoded
	List []Value // parenthesised list
}

// ValueKind tells how a server wrote a Value.
type ValueKind int

// The kinds of values.
const (
	AtomValue   ValueKind = iota // also numbers and flags, and BODY[HEADER.FIELDS (To)] as a whole
	StringValue                  // quoted or literal
	NilValue
	ListValue
)

// ResponseLimits bound what one response of a server may cost.
type ResponseLimits struct {
	Line     int // octets of one line
	Response int // octets of a response with its literals
	Depth    int // parentheses within each other
}

// DefaultResponseLimits hold a message of 32 MiB.
var DefaultResponseLimits = ResponseLimits{Line: 1 << 20, Response: 33 << 20, Depth: 100}

// ErrResponseTooBig says that a server sent a response beyond the limits.
var ErrResponseTooBig = errors.New("imap response is bigger than the limit")

// ResponseReader reads the responses of a server, tolerantly: lines may end in
// a bare LF, and what can't be understood is handed over raw.
type ResponseReader struct {
	r      *bufio.Reader
	limits ResponseLimits
}

// NewResponseReader returns a reader of the responses in r.
func NewResponseReader(r *bufio.Reader, limits ResponseLimits) *ResponseReader {
	return &ResponseReader{r, limits}
}

// Next reads one response with all its literals. Its errors are those of
// reading, with io.ErrUnexpectedEOF for an end within a response, and
// ErrResponseTooBig; with either, the Response has in Raw what came.
func (r *ResponseReader) Next() (*Response, error) {
	return nil, errors.New("imap: not read yet")
}

// ParseResponse reads one response whose literals stand in it, as
// ResponseReader.Next would.
func ParseResponse(raw []byte, limits ResponseLimits) *Response {
	return &Response{Raw: raw}
}
