package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"postern/internal/fault"
	"postern/internal/wire/message"
	"postern/internal/wire/smtp"
)

// Sender decides whether the client may use an envelope sender. Who has logged
// in may use the addresses of the account, and the null path, which read
// receipts have. Who has not may not claim to be one of our own on a port for
// submission; on the port for servers that is no lie: mailing lists and
// forwarders bring our own people's mail back.
func (d *Delivery) Sender(ctx context.Context, c Client, from smtp.Address) error {
	if from.IsNull() {
		return nil
	}
	return d.mayBe(ctx, c, from.Domain, from.String())
}

// mayBe decides whether the client may call itself by an address.
func (d *Delivery) mayBe(ctx context.Context, c Client, domain, address string) error {
	switch {
	case c.Account != nil:
		owns, err := d.directory.Owns(ctx, c.Account.ID, address)
		if err != nil {
			return broken("look up", "address "+address, err)
		}
		if !owns {
			return notYours(c, address)
		}
	case c.Submission:
		local, err := d.directory.Local(ctx, domain)
		if err != nil {
			return broken("look up", "domain "+domain, err)
		}
		if local {
			return mustLogIn(c, address)
		}
	}
	return nil
}

// mustLogIn names what the client has to do first: without encryption it is
// offered no login, so that turning authentication on would not help it.
func mustLogIn(c Client, address string) error {
	e := &fault.Error{
		Fault: "CL15", Op: "accept", Object: "sender " + address,
		Client: "log in to send as " + address + ": turn on authentication for the outgoing server",
	}
	if c.TLS == "" {
		e.Fault = "GW09"
		e.Client = "encrypt first, then log in to send as " + address + ": choose STARTTLS for the outgoing server, and turn on authentication"
	}
	return e
}

func notYours(c Client, address string) error {
	return &fault.Error{
		Fault: "OU02", Op: "accept", Object: "sender " + address + " of " + c.Account.Address,
		Client: fmt.Sprintf("%s may not send as %s", c.Account.Address, address),
	}
}

// maxFrom is how long a From may be, in bytes as submitted. A mail program that
// cuts a longer one elsewhere than we do would show what was not checked.
const maxFrom = 8192

// author decides whether the client may be who the message's From says. There
// is to be exactly one From, because programs differ in which of several they
// show, and each address in it must be allowed. Servers may say what they like.
func (d *Delivery) author(ctx context.Context, c Client, header io.Reader) error {
	if c.Account == nil && !c.Submission {
		return nil
	}
	from, err := fromFields(header)
	if err != nil {
		return err
	}
	if len(from) != 1 {
		return badAuthor(fmt.Sprintf("message has %d From fields; it needs one", len(from)))
	}
	authors := 0
	for _, a := range message.ParseAddresses(from[0].Value) {
		if a.Kind != message.Mailbox {
			continue
		}
		authors++
		if err := d.mayBe(ctx, c, a.Domain, a.Addr()); err != nil {
			return err
		}
	}
	if authors == 0 {
		return badAuthor("From has no address; it needs one")
	}
	return nil
}

// fromFields reads the From fields of a header.
func fromFields(header io.Reader) ([]message.Field, error) {
	raw := &capped{room: maxFrom}
	err := message.FilterHeader(raw, header, []string{"From"}, false)
	if errors.Is(err, errFull) {
		return nil, badAuthor(fmt.Sprintf("From is longer than %d bytes", maxFrom))
	}
	if err != nil {
		return nil, broken("read", "staged message", err)
	}
	var from []message.Field
	for field, err := range message.Fields(&raw.Buffer) {
		if err != nil {
			return nil, broken("read", "staged message", err)
		}
		from = append(from, field)
	}
	return from, nil
}

// capped is a buffer with an end.
type capped struct {
	bytes.Buffer
	room int
}

var errFull = errors.New("the buffer is full")

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > c.room {
		return 0, errFull
	}
	return c.Buffer.Write(p)
}

func badAuthor(text string) error {
	return &fault.Error{Fault: "OU02", Op: "accept", Object: "message", Client: text}
}
