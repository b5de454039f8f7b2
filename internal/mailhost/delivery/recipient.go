package delivery

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"postern/internal/fault"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/store"
	"postern/internal/wire/smtp"
)

// Recipient is one recipient that was accepted.
type Recipient struct {
	Address smtp.Address
	inbox   store.MailboxID
}

// Recipient decides on one recipient of an envelope.
func (d *Delivery) Recipient(ctx context.Context, c Client, to smtp.Address) (Recipient, error) {
	found, err := d.resolve(ctx, to)
	switch {
	case err == nil:
		return Recipient{to, found.Inbox}, nil
	case errors.Is(err, directory.ErrNoSuchUser):
		return Recipient{}, &fault.Error{
			Fault: "OU04", Op: "accept", Object: "recipient " + to.String(), Err: err,
			Client: "there is no mailbox " + to.String() + " here",
		}
	case errors.Is(err, directory.ErrNotLocal):
		return Recipient{}, foreign(c, to)
	}
	return Recipient{}, broken("look up", "recipient "+to.String(), err)
}

// resolve finds the mailbox. The postmaster has one everywhere, if this server
// has a postmaster at all.
func (d *Delivery) resolve(ctx context.Context, to smtp.Address) (directory.Recipient, error) {
	if to.Domain == "" {
		return d.resolvePostmaster(ctx)
	}
	found, err := d.directory.Resolve(ctx, to.String())
	switch {
	case errors.Is(err, directory.ErrNoSuchUser) && strings.EqualFold(to.Local, "postmaster"):
		return d.resolvePostmaster(ctx)
	case errors.Is(err, directory.ErrBadAddress):
		// An address that nobody can have here may be a good one elsewhere.
		local, err := d.directory.Local(ctx, to.Domain)
		if err == nil && !local {
			err = directory.ErrNotLocal
		}
		return found, cmp.Or(err, directory.ErrNoSuchUser)
	}
	return found, err
}

func (d *Delivery) resolvePostmaster(ctx context.Context) (directory.Recipient, error) {
	if d.postmaster == "" {
		return directory.Recipient{}, directory.ErrNoSuchUser
	}
	return d.directory.Resolve(ctx, d.postmaster)
}

// foreign refuses a recipient of another domain. The answer is honest about
// which of two things would help: nothing, or a login that is then told so.
func foreign(c Client, to smtp.Address) error {
	text := "mail to " + to.Domain + " is not relayed: this server takes mail for its own domains only"
	if c.Account != nil {
		text = "this server can't send mail to other domains: it delivers to its own domains only, and " + to.Domain + " is not one of them"
	}
	return &fault.Error{
		Fault: "OU01", Op: "accept", Object: "recipient " + to.String(),
		Client: text,
	}
}
