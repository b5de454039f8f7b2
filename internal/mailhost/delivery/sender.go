package delivery

import (
	"context"
	"fmt"
	"io"
	"strings"

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
			return &fault.Error{
				Fault: "CL15", Op: "accept", Object: "sender " + address,
				Client: "log in to send as " + address + ": turn on authentication for the outgoing server",
			}
		}
	}
	return nil
}

func notYours(c Client, address string) error {
	return &fault.Error{
		Fault: "OU02", Op: "accept", Object: "sender " + address + " of " + c.Account.Address,
		Client: fmt.Sprintf("%s may not send as %s", c.Account.Address, address),
	}
}

// maxAuthors is how many addresses one From may hold. A header that a mail
// program cuts somewhere else than we do must not pass.
const maxAuthors = 50

// author decides whether the client may be who the message's From says. There
// is to be exactly one From, because programs differ in which of several they
// show, and each address in it must be allowed. Servers may say what they like.
func (d *Delivery) author(ctx context.Context, c Client, header io.Reader) error {
	if c.Account == nil && !c.Submission {
		return nil
	}
	var from []message.Field
	for field, err := range message.Fields(header) {
		if err != nil {
			return broken("read", "staged message", err)
		}
		if strings.EqualFold(field.Name, "From") {
			from = append(from, field)
		}
	}
	if len(from) != 1 {
		return badAuthor(fmt.Sprintf("message has %d From fields; it needs one", len(from)))
	}
	named := 0
	for _, a := range message.ParseAddresses(from[0].Value) {
		if a.Kind != message.Mailbox {
			continue
		}
		named++
		if err := d.mayBe(ctx, c, a.Domain, a.Addr()); err != nil {
			return err
		}
	}
	if named == 0 || named > maxAuthors || len(from[0].Value) >= message.MaxField {
		return badAuthor(fmt.Sprintf("From has %d addresses; it needs one to %d", named, maxAuthors))
	}
	return nil
}

func badAuthor(text string) error {
	return &fault.Error{Fault: "OU02", Op: "accept", Object: "message", Client: text}
}
