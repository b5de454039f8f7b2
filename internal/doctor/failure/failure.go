// Package failure tells how something on the network failed: it turns the
// errors of Go and of the operating system into evidence, by the same names on
// every system. It never says whose fault that is.
package failure

import (
	"context"
	"errors"
	"io"
	"net"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
)

// kinds says what the names of errno mean for a connection, as seen on Linux: a
// closed port is ECONNREFUSED at once; EHOSTUNREACH is a router's word, or a
// silent neighbour; EINVAL is a blackhole route of this machine, EACCES its
// prohibit route, EPERM its firewall.
var kinds = map[string]evidence.FailureKind{
	"ECONNREFUSED": evidence.Refused,
	"ETIMEDOUT":    evidence.Timeout,
	"EHOSTUNREACH": evidence.Unreachable,
	"ENETUNREACH":  evidence.Unreachable,
	"EHOSTDOWN":    evidence.Unreachable,
	"ENETDOWN":     evidence.Unreachable,
	"EACCES":       evidence.Denied,
	"EPERM":        evidence.Denied,
	"EINVAL":       evidence.Denied,
	"ECONNRESET":   evidence.Reset,
	"ECONNABORTED": evidence.Reset,
	"EPIPE":        evidence.Reset,
}

// Of returns how err failed; nil for no error.
func Of(err error) *evidence.Failure {
	if err == nil {
		return nil
	}
	f := &evidence.Failure{Kind: evidence.OtherFailure, Errno: errno(err), Text: err.Error()}
	var timeout net.Error
	switch kind, known := kinds[f.Errno]; {
	case known:
		f.Kind = kind
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		f.Kind = evidence.Closed
	case errors.Is(err, client.ErrTooMuch):
		f.Kind = evidence.TooMuch
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		f.Kind = evidence.Timeout
	}
	return f
}
