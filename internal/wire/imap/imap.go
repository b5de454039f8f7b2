// Package imap is the grammar of IMAP4rev1, both sides of it: it reads the
// commands of a client and prints the responses of a server, and it reads the
// responses of any server for a client that must not be surprised.
//
// It opens no socket, keeps no mailbox and knows no state machine: whether a
// command is allowed now is the session's business. It never holds more than
// its Limits allow, whatever it is fed, and it never holds a message: the
// literal of APPEND is handed on as a stream.
//
// It follows RFC 3501 with the extensions RFC 2177 (IDLE), RFC 2342
// (NAMESPACE), RFC 2971 (ID), RFC 3691 (UNSELECT), RFC 4315 (UIDPLUS),
// RFC 4959 (SASL-IR), RFC 5530 (response codes), RFC 6154 (SPECIAL-USE),
// RFC 6851 (MOVE) and RFC 7888 (LITERAL+).
package imap

import "io"

// Source is where a Decoder reads from: a connection that has lines and, for
// literals, octets.
type Source interface {
	// ReadLine returns the next line without its CRLF. A line longer than
	// limit octets, and one with a bare CR or LF, is an error. The slice is
	// valid until the next read.
	ReadLine(limit int) ([]byte, error)
	io.Reader
}

// Limits bound what one command may cost before it is understood.
type Limits struct {
	Line    int   // octets of one line
	Literal int   // octets of one literal, the message of APPEND aside
	Command int   // octets of all lines and literals of one command, the message aside
	Depth   int   // parentheses, NOTs and ORs of SEARCH within each other
	Keys    int   // search keys of one SEARCH, items of one FETCH, flags of one STORE
	Message int64 // octets of the message of APPEND; 0 means that none is taken
}

// BeforeLogin are the limits for a client that has not said who it is.
var BeforeLogin = Limits{Line: 4 << 10, Literal: 1 << 10, Command: 8 << 10, Depth: 1, Keys: 1}

// AfterLogin are the limits for a client that has logged in. Sets of some ten
// thousand UIDs on one line are usual among clients that synchronise.
var AfterLogin = Limits{Line: 64 << 10, Literal: 64 << 10, Command: 256 << 10, Depth: 32, Keys: 1000, Message: 64 << 20}

// maxLiteral is what a number of the grammar can say, RFC 3501 §9.
const maxLiteral = 1<<32 - 1

// Delimiter stands between the levels of a mailbox name.
const Delimiter = '/'

// Inbox is the name of the one mailbox whose name ignores case.
const Inbox = "INBOX"
