package probe

import (
	"context"
	"net"
	"strconv"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
)

// connect opens a connection to the endpoint and records how that went; nil
// when it failed.
func (l *look) connect(ctx context.Context) *client.Conn {
	start := time.Now()
	conn, err := l.dial(ctx)
	l.e.Connect = evidence.Connect{Failure: l.failed(ctx, err), Took: evidence.Since(start)}
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
