package probe

import (
	"context"
	"time"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

// open opens the mailbox after a login, where the protocol has one.
func (l *look) open(ctx context.Context) {
	reader, ok := l.session.(client.Reader)
	if !ok {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, l.opts.Limits.Greeting+l.opts.Limits.Late)
	defer cancel()
	start := time.Now()
	box, reply, err := reader.Open(bounded)
	seen := &evidence.Mailbox{
		Command:  "SELECT INBOX",
		Messages: box.Messages,
		Bytes:    box.Bytes,
		Took:     evidence.Since(start),
		Failure:  failed(ctx, err),
	}
	if l.e.Protocol == ports.POP3 {
		seen.Command = "STAT"
	}
	if err == nil {
		seen.Reply = replyOf(reply)
		l.reached = evidence.StepUse
	}
	l.e.Mailbox = seen
	l.ended(seen.Failure)
}
