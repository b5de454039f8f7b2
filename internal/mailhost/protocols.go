package mailhost

import (
	"context"

	"postern/internal/fault"
	"postern/internal/mailhost/delivery"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/imapd"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/popd"
	"postern/internal/mailhost/refuse"
	"postern/internal/mailhost/smtpd"
	"postern/internal/wire/ports"
)

// protocols are the front doors.
func (h *Host) protocols() map[ports.Protocol]door.Protocol {
	c := h.current()
	people := login.New(h.guard, h.directory, h.activity)
	mail := delivery.New(delivery.Options{
		Hostname: c.Hostname, Directory: h.directory, Store: h.store, Postmaster: c.Postmaster,
	})
	return map[ports.Protocol]door.Protocol{
		ports.SMTP: smtpd.New(smtpd.Options{Config: h.current, Delivery: mail, Login: people}),
		ports.POP3: popd.New(popd.Options{Config: h.current, Login: people, Store: h.store}),
		ports.IMAP: &imap{h, people},
	}
}

// imap gives each session the configuration of its beginning.
type imap struct {
	host  *Host
	login *login.Login
}

func (p *imap) Serve(ctx context.Context, c *door.Conn) error {
	now := p.host.current()
	return imapd.New(imapd.Options{
		Store: p.host.store, Login: p.login, Hostname: now.Hostname, MessageSize: now.Limits.MessageSize,
	}).Serve(ctx, c)
}

func (p *imap) Refusal(e *fault.Error, session string) string {
	return refuse.Closing(ports.IMAP, e, session)
}

// ports are the open ports, as clients are told of them.
func (h *Host) ports() []door.Port {
	var all []door.Port
	for _, b := range h.bound {
		all = append(all, b.port)
	}
	return all
}
