package imap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
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

func isCondition(c Condition) bool {
	switch c {
	case OK, No, Bad, Bye, PreAuth:
		return true
	}
	return false
}

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
	data := r.Data
	if r.Name != "CAPABILITY" {
		data = r.Code.Data
		if r.Code.Name != "CAPABILITY" {
			return nil
		}
	}
	capabilities := make([]string, 0, len(data))
	for _, v := range data {
		if v.Kind == AtomValue {
			capabilities = append(capabilities, strings.ToUpper(v.Text))
		}
	}
	return capabilities
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

// ErrResponseTooBig says that a server sent a response beyond the limits.
var ErrResponseTooBig = errors.New("imap response is bigger than the limit")

// ResponseLimits bound what one response of a server may cost.
type ResponseLimits struct {
	Line     int // octets of one line
	Response int // octets of a response with its literals
}

// DefaultResponseLimits hold a message of 32 MiB.
var DefaultResponseLimits = ResponseLimits{Line: 1 << 20, Response: 33 << 20}

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
	var raw []byte
	for {
		start := len(raw)
		var err error
		if raw, err = r.line(raw); err != nil {
			if err == io.EOF && len(raw) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return &Response{Raw: raw}, err
		}
		size, more := LiteralAhead(raw, start)
		if !more {
			return ParseResponse(raw), nil
		}
		if size > int64(r.limits.Response-len(raw)) {
			return &Response{Raw: raw}, ErrResponseTooBig
		}
		start = len(raw)
		raw = append(raw, make([]byte, size)...)
		if n, err := io.ReadFull(r.r, raw[start:]); err != nil {
			return &Response{Raw: raw[:start+n]}, noEOF(err)
		}
	}
}

// line appends one line with its line end to raw.
func (r *ResponseReader) line(raw []byte) ([]byte, error) {
	start := len(raw)
	for {
		part, err := r.r.ReadSlice('\n')
		raw = append(raw, part...)
		if len(raw)-start > r.limits.Line || len(raw) > r.limits.Response {
			return raw, ErrResponseTooBig
		}
		if err != bufio.ErrBufferFull {
			return raw, err
		}
	}
}

// LiteralAhead says whether a response of which raw has been read is to go on
// with a literal, and of how many octets. The last line of raw begins at
// start. A text for people is never taken for the announcement of a literal.
func LiteralAhead(raw []byte, start int) (size int64, more bool) {
	if !bytes.HasPrefix(raw, []byte("* ")) {
		return 0, false
	}
	word, _, _ := bytes.Cut(raw[2:], []byte(" "))
	if isCondition(Condition(bytes.ToUpper(word))) {
		return 0, false
	}
	size, _, more = literalAtEnd(bytes.TrimRight(raw[start:], "\r\n"))
	return size, more
}
