package probe

import (
	"context"
	"net"
	"strconv"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/failure"
)

// connect opens a connection to the endpoint and records how that went; nil
// when it failed.
func (l *look) connect(ctx context.Context) *client.Conn {
	start := time.Now()
	conn, err := l.dial(ctx)
	l.e.Connect = evidence.Connect{Failure: failed(ctx, err), Took: evidence.Since(start)}
	if f := l.e.Connect.Failure; f != nil && f.Kind == evidence.Reset {
		// TCP stood, or it could not have been reset: an RST that comes at once
		// overtakes the news of the connection.
		l.e.Connect.Failure = nil
		l.e.Greeting = &evidence.Greeting{Service: "nothing", Failure: f}
	}
	return conn
}

func (l *look) dial(ctx context.Context) (*client.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.opts.Limits.Connect)
	defer cancel()
	address := net.JoinHostPort(l.e.Address, strconv.Itoa(l.e.Port))
	return client.Dial(ctx, address, client.Options{Dial: l.opts.Dial, Secrets: l.opts.Secrets})
}

// failed is failure.Of, but what failed because the run ended is no fact about
// the server.
func failed(ctx context.Context, err error) *evidence.Failure {
	if err != nil && ended(ctx) {
		return &evidence.Failure{Kind: evidence.OtherFailure, Text: "the run ended first"}
	}
	return failure.Of(err)
}

// ended reports whether ctx is over. A socket can see the same deadline a
// moment before ctx does.
func ended(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}
