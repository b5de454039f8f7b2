package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"time"

	"postern/internal/client"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// The ports that the letter takes.
const (
	sendPort = 587
	popPort  = 995
	imapPort = 993
)

// sizeLimit is far more than the letter has.
const sizeLimit = 1 << 20

// exchange sends the letter from alice to bob, fetches it twice, and compares.
func (d *demo) exchange(ctx context.Context) error {
	l, err := write(time.Now())
	if err != nil {
		return err
	}
	steps := []struct {
		port int
		who  string
		act  func(context.Context, client.Session, *letter) error
		says string
	}{
		{sendPort, alice, send, "alice sends “" + subject + "” with an attachment"},
		{popPort, bob, fetchPOP3, "bob fetches it over POP3"},
		{imapPort, bob, fetchIMAP, "bob reads it over IMAP"},
	}
	for _, s := range steps {
		begun := time.Now()
		where, err := d.visit(ctx, s.port, s.who, func(session client.Session) error { return s.act(ctx, session, l) })
		if err != nil {
			d.screen.failed(s.says)
			return fmt.Errorf("%s on port %s: %w", s.says, where, err)
		}
		d.screen.doneAt(s.says, where, time.Since(begun))
	}
	const both = "both return Return-Path, Received and exactly what was sent"
	if err := l.compare(); err != nil {
		d.screen.failed(both)
		return err
	}
	d.screen.done(fmt.Sprintf("%s: %d bytes", both, len(l.viaPOP3)))
	return nil
}

// visit logs in at a standard port, acts and says goodbye.
func (d *demo) visit(ctx context.Context, number int, who string, act func(client.Session) error) (where string, err error) {
	p, _ := ports.Lookup(number)
	address := netip.AddrPortFrom(d.addresses[0], uint16(d.Offset.Number(p)))
	where = fmt.Sprintf("%d %s", address.Port(), securityWords[p.Security])
	roots, err := pki.ReadPool(d.home.authority())
	if err != nil {
		return where, err
	}
	password := d.home.passwords[who]
	session, capabilities, err := client.Connect(ctx, client.Endpoint{
		Protocol: p.Protocol,
		Security: p.Security,
		Address:  address.String(),
		TLS:      &tls.Config{ServerName: host, RootCAs: roots},
	}, client.Options{Secrets: []secret.Secret{password}})
	if err != nil {
		return where, err
	}
	defer session.Conn().Close()
	mechanisms := capabilities.Mechanisms()
	if len(mechanisms) == 0 {
		return where, fmt.Errorf("no way to log in is offered")
	}
	reply, err := session.Login(ctx, mechanisms[0], who, password)
	if err = granted("login", reply, err); err != nil {
		return where, err
	}
	if err := act(session); err != nil {
		return where, err
	}
	return where, session.Quit(ctx)
}

// granted turns a refusal into an error.
func granted(step string, reply client.Reply, err error) error {
	if err == nil && !reply.OK() {
		err = &client.RefusedError{Step: step, Reply: reply}
	}
	return err
}

func send(ctx context.Context, session client.Session, l *letter) error {
	_, err := session.(*client.SMTP).Send(ctx, alice, []string{bob}, bytes.NewReader(l.submitted))
	return err
}

// fetchPOP3 takes the newest message, which is the letter unless it is lost.
func fetchPOP3(ctx context.Context, session client.Session, l *letter) error {
	pop := session.(*client.POP3)
	mailbox, reply, err := pop.Open(ctx)
	if err = granted("STAT", reply, err); err != nil {
		return err
	}
	if mailbox.Messages == 0 {
		return errLost
	}
	var b bytes.Buffer
	reply, err = pop.Retrieve(ctx, mailbox.Messages, &b, sizeLimit)
	l.viaPOP3 = b.Bytes()
	return l.arrived(granted("RETR", reply, err), l.viaPOP3)
}

func fetchIMAP(ctx context.Context, session client.Session, l *letter) error {
	imap := session.(*client.IMAP)
	_, reply, err := imap.Open(ctx)
	if err = granted("SELECT", reply, err); err != nil {
		return err
	}
	uids, reply, err := imap.UIDs(ctx)
	if err = granted("UID SEARCH", reply, err); err != nil {
		return err
	}
	if len(uids) == 0 {
		return errLost
	}
	var b bytes.Buffer
	reply, err = imap.Fetch(ctx, uids[len(uids)-1], &b, sizeLimit)
	l.viaIMAP = b.Bytes()
	return l.arrived(granted("UID FETCH", reply, err), l.viaIMAP)
}
