package delivery

import (
	"context"
	"fmt"

	"postern/internal/fault"
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
