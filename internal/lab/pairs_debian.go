package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"time"

	"postern/internal/client"
	"postern/internal/fault"
	"postern/internal/lab/debian"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// debianPairs are faults of real servers.
var debianPairs = []pair{
	{
		id: "tl01-dovecot-without-tls", fault: "TL01", debian: true,
		title:        "Dovecot runs with TLS switched off",
		consequences: []fault.ID{"RT01"}, // of the ports that begin with TLS
		breaks:       func(w *world) { w.daemons.Dovecot = "ssl = no" },
	},
	{
		id: "tl03-postfix-key-unreadable", fault: "TL03", debian: true,
		title: "Postfix, with port 587 alone, can't read the key of its certificate",
		both: func(w *world) {
			w.drop(ports.SMTP, ports.TLS)
			w.daemons.Postfix = fmt.Sprintf("master_service_disable = %s:465/inet\n", w.v4)
		},
		breaks: func(w *world) { w.daemons.Postfix += "smtpd_tls_key_file = /etc/ssl/private/none.pem" },
	},
	{
		id: "tl07-debian-certificate-expired", fault: "TL07", debian: true,
		title: "Dovecot and Postfix serve a certificate that has expired",
		breaks: func(w *world) {
			w.leaf.NotAfter = w.now.Add(-w.Between(time.Hour, 30*day))
			w.leaf.NotBefore = w.leaf.NotAfter.Add(-90 * day)
		},
	},
	{
		id: "au01-dovecot-wrong-password", fault: "AU01", debian: true,
		title:  "Dovecot refuses the user's password",
		breaks: func(w *world) { w.typedPassword = w.Password() },
	},
	{
		id: "mb02-dovecot-mailbox-locked", fault: "MB02", debian: true,
		title:  "Another POP3 session holds Dovecot's lock on the mailbox",
		both:   func(w *world) { w.daemons.Dovecot = "protocol pop3 {\n  pop3_lock_session = yes\n}" },
		breaks: func(w *world) { w.after = holdMailbox },
	},
}

// startDaemons runs Dovecot and Postfix on the standard ports of the server's
// address, which is no other program's.
func (w *world) startDaemons(ctx context.Context, run *Running) error {
	o := *w.daemons
	o.Address, o.Host, o.Domain = w.v4, w.host, w.domain
	o.User, o.Password, o.Certificate = w.user, w.password, w.tls.Certificates[0]
	machine, err := debian.Start(ctx, o)
	if err != nil {
		return err
	}
	run.onStop(machine.Close)
	for _, s := range w.services {
		s.addr = netip.AddrPortFrom(w.v4, uint16(s.Number))
	}
	if w.after == nil {
		return nil
	}
	stop, err := w.after(ctx, w)
	if err == nil {
		run.onStop(stop)
	}
	return err
}

// holdMailbox opens the POP3 mailbox and keeps the session.
func holdMailbox(ctx context.Context, w *world) (release func(), err error) {
	session, capabilities, err := client.Connect(ctx, client.Endpoint{
		Protocol: ports.POP3, Security: ports.TLS,
		Address: net.JoinHostPort(w.v4.String(), "995"),
		TLS:     &tls.Config{ServerName: w.host, RootCAs: w.root.Pool()},
	}, client.Options{})
	if err != nil {
		return nil, err
	}
	reply, err := session.Login(ctx, capabilities.Mechanisms()[0], w.user, secret.New(w.password))
	if err == nil && !reply.OK() {
		err = fmt.Errorf("hold the mailbox: %s", reply.Text)
	}
	if err != nil {
		session.Conn().Close()
		return nil, err
	}
	return func() { session.Conn().Close() }, nil
}
