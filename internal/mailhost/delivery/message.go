package delivery

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"postern/internal/fault"
	"postern/internal/mailhost/store"
	"postern/internal/wire/message"
	"postern/internal/wire/smtp"
)

// maxHops is how many Received fields a message may have, ours included, before
// it is taken for one that runs in a circle (RFC 5321 §6.3).
const maxHops = 100

// Envelope is what SMTP says about a message.
type Envelope struct {
	Client Client
	From   smtp.Address
	To     []Recipient
}

// Message is a message on its way in: write its bytes, then Deliver or Discard.
type Message struct {
	delivery *Delivery
	envelope Envelope
	staging  *store.Staging
	trace    int64 // bytes of the trace in front
}

// Begin stages a message and writes its trace.
func (d *Delivery) Begin(ctx context.Context, e Envelope) (*Message, error) {
	staging, err := d.store.Stage(ctx)
	if err != nil {
		return nil, broken("stage", "message", err)
	}
	trace := d.trace(e, time.Now())
	if _, err := io.WriteString(staging, trace); err != nil {
		staging.Discard()
		return nil, broken("stage", "message", err)
	}
	return &Message{d, e, staging, int64(len(trace))}, nil
}

// Write adds to the message.
func (m *Message) Write(p []byte) (int, error) {
	n, err := m.staging.Write(p)
	if err != nil {
		return n, broken("stage", "message", err)
	}
	return n, nil
}

// Discard gives the message up. After Deliver it does nothing.
func (m *Message) Discard() { m.staging.Discard() }

// Deliver judges the message's header and puts the message into the mailbox of
// every recipient, or with an error into none. When it returns without one,
// the message is durable.
func (m *Message) Deliver(ctx context.Context) error {
	body, err := m.staging.Finish()
	if err != nil {
		return broken("stage", "message", err)
	}
	defer body.Discard()
	if err := m.judge(ctx, body); err != nil {
		return err
	}
	_, err = m.delivery.store.Deliver(ctx, m.lane(), body, m.mailboxes())
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, store.ErrNoMailbox):
		// Nobody has it yet. When it comes again, RCPT tells who is gone, and
		// the others get it.
		return &fault.Error{
			Fault: "OU04", Op: "deliver", Object: "message", Temporary: true, Err: err,
			Client: "a recipient was removed a moment ago; try again",
		}
	}
	return broken("deliver", "message", err)
}

// judge decides by what the header says.
func (m *Message) judge(ctx context.Context, body *store.Body) error {
	header := func() io.Reader {
		return io.NewSectionReader(body, m.trace, max(body.Message().BodyStart-m.trace, 0))
	}
	hops, err := countHops(header())
	if err != nil {
		return broken("read", "staged message", err)
	}
	if hops >= maxHops {
		return &fault.Error{
			Fault: "OU16", Op: "deliver", Object: "message",
			Client: "message has passed 100 servers: it runs in a circle",
		}
	}
	return m.delivery.author(ctx, m.envelope.Client, header())
}

func countHops(header io.Reader) (int, error) {
	hops := 0
	for field, err := range message.Fields(header) {
		if err != nil {
			return 0, err
		}
		if strings.EqualFold(field.Name, "Received") {
			hops++
		}
	}
	return hops, nil
}

// lane lets the people who wait go before the servers that don't.
func (m *Message) lane() store.Lane {
	if m.envelope.Client.Account != nil {
		return store.Interactive
	}
	return store.Bulk
}

// mailboxes lists each mailbox once: a person with two addresses in one
// envelope gets one message.
func (m *Message) mailboxes() []store.Delivery {
	var to []store.Delivery
	for _, r := range m.envelope.To {
		d := store.Delivery{Mailbox: r.inbox}
		if !slices.ContainsFunc(to, func(have store.Delivery) bool { return have.Mailbox == d.Mailbox }) {
			to = append(to, d)
		}
	}
	return to
}
