// Package door opens the ports and keeps the rules of the wire that SMTP, POP3
// and IMAP share, so that the protocols themselves speak only of mail.
//
// It accepts connections within their limits, puts TLS in front of them or
// inside them, and never leaves a client in silence: one that speaks plain text
// to a TLS port, TLS to a plain one, or another protocol altogether is told so
// in the port's own protocol, and what it tried is recorded with its fault id.
// Every wait has a deadline, and a session that waits holds no buffer.
//
// It never looks at mail, accounts or passwords, and it writes no file.
//
// RFC 8314 (TLS from the start), RFC 3207, RFC 2595 and RFC 3501 §6.2.1
// (STARTTLS), RFC 5246 and RFC 8446 (TLS 1.2 and 1.3).
package door

import (
	"context"
	"errors"

	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// Port is one listening port: what is spoken on it, how, and for whom.
type Port struct {
	Number   int // as clients see it
	Protocol ports.Protocol
	Security ports.Security
	Role     ports.Role
}

// Protocol is what a front door does with a connection.
type Protocol interface {
	// Serve speaks with one client, from the greeting on. On a port that
	// begins with TLS the handshake is done.
	//
	// The error says why the session ended. After [ErrStopping], [ErrTimeout]
	// or a *[fault.Error] the door says Refusal to the client before it hangs
	// up; a session that has said its own last words returns nil. The context ends only when the session must: a server that
	// stops asks first, with ErrStopping from the next wait for a command.
	Serve(ctx context.Context, c *Conn) error

	// Refusal is the line, CRLF included, that ends a session or stands in the
	// place of its greeting: "421 …", "-ERR …", "* BYE …". It may be empty.
	Refusal(e *fault.Error, session string) string
}

// Why a wait for the client ended without a byte.
var (
	// ErrStopping says that the server stops: say goodbye and return, or
	// return this error and let the door say it.
	ErrStopping = errors.New("the server is stopping")

	// ErrTimeout says that the client was silent for too long.
	ErrTimeout = errors.New("the client was silent for too long")

	// ErrWoken says that [Conn.Wake] was called during [Conn.Idle] or before.
	ErrWoken = errors.New("woken")
)
