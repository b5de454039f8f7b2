package door

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"postern/internal/fault"
	"postern/internal/mailhost/activity"
	"postern/internal/wire/ports"
)

// part ends a session whose Serve, or whose welcome, returned err.
func (c *Conn) part(err error) {
	if !errors.Is(err, ErrStopping) {
		c.noteUnencrypted()
	}
	var e *fault.Error
	var broken *handshakeError
	switch {
	case err == nil:
		c.hangUp()
	case errors.As(err, &broken):
		id, detail := blame(broken.err)
		c.record(activity.Failed, &fault.Error{Fault: id}, detail)
	case errors.As(err, &e):
		c.farewell(e)
	case errors.Is(err, ErrStopping):
		c.farewell(&fault.Error{Fault: "GW03", Temporary: true, Client: "the server is stopping; try again in a moment"})
	case errors.Is(err, errTooSlow):
		c.farewell(&fault.Error{Temporary: true, Client: "too little came for too long; closing the connection"})
	case errors.Is(err, ErrTimeout):
		c.farewell(&fault.Error{Temporary: true, Client: "nothing came for too long; closing the connection"})
	case isTLSError(err):
		// TLS 1.3 lets a client refuse the certificate after the handshake.
		id, detail := blame(err)
		c.record(activity.Failed, &fault.Error{Fault: id}, detail)
	case isGone(err):
		// The client went away; there is nobody to tell.
	default:
		c.Logger().Warn("session ended by an error", "error", err)
		c.farewell(&fault.Error{Op: "serve", Temporary: true, Err: err})
	}
}

// noteUnencrypted records a client that came to read mail, saw that login takes
// encryption, and left without either: its settings say "no security", and what
// it shows its user seldom says so.
func (c *Conn) noteUnencrypted() {
	if c.port.Role == ports.Access && c.tls == nil && c.in.opened && !c.noted {
		c.record(activity.Misdirected, &fault.Error{Fault: "GW09"}, "left without encryption; login is offered after STARTTLS only")
	}
}

// farewell says why the session ends, in the protocol's words, and hangs up.
func (c *Conn) farewell(e *fault.Error) {
	if line := c.server.protocols[c.port.Protocol].Refusal(e, c.id); line != "" {
		c.WriteString(line)
	}
	c.hangUp()
}

// hangUp sends what is buffered and FIN, and then reads on for a moment: a
// socket closed with unread bytes in it sends a reset, which takes the last
// words away from the client before it has read them.
func (c *Conn) hangUp() {
	if c.Flush() != nil {
		return
	}
	if c.tls != nil {
		c.raw.SetWriteDeadline(time.Now().Add(Drain))
		c.tls.CloseWrite()
	}
	c.raw.closeWrite()
	c.raw.SetReadDeadline(time.Now().Add(Drain))
	io.Copy(io.Discard, io.LimitReader(c.raw, maxSkip))
}

// giveBack returns the buffers of a session that ended.
func (c *Conn) giveBack() {
	c.in.r = c.in.w
	c.in.release()
	c.out.n = 0
	if c.out.buf != nil {
		giveBuffer(c.out.buf)
		c.out.buf = nil
	}
}

// isGone reports whether an error only says that the client is not there.
func isGone(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) || errors.As(err, &op)
}

// record keeps what the client tried, with the fault and the session's name.
func (c *Conn) record(outcome activity.Outcome, e *fault.Error, detail string) {
	if e.Fault != "" {
		c.server.metrics.turned.WithLabelValues(string(c.port.Protocol), string(e.Fault)).Inc()
	}
	c.server.recorder.Record(c.Attempt(outcome, e.Fault, detail))
	level := slog.LevelInfo
	if outcome == activity.Refused {
		level = slog.LevelDebug // whoever is refused comes again, and again
	}
	c.Logger().Log(context.Background(), level, "client not served", "outcome", outcome, "fault", e.Fault, "detail", detail)
}

// Attempt begins the record of something that this client tried; the caller
// completes and records it.
func (c *Conn) Attempt(outcome activity.Outcome, id fault.ID, detail string) activity.Attempt {
	c.noted = true
	a := activity.Attempt{
		Time:     time.Now(),
		Address:  c.remote.Addr(),
		Port:     c.port.Number,
		Protocol: c.port.Protocol,
		Outcome:  outcome,
		Fault:    id,
		Session:  c.id,
		Detail:   detail,
		Count:    1,
	}
	if state, ok := c.TLS(); ok {
		a.TLS = tls.VersionName(state.Version)
	}
	return a
}
