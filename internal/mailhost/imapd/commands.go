package imapd

import (
	"context"

	"postern/internal/wire/imap"
	"postern/internal/wire/sasl"
)

// allow says whether a command may be given in the session's state, RFC 3501
// §6.
func (s *session) allow(r imap.Request) error {
	switch r.(type) {
	case imap.Capability, imap.Noop, imap.Logout, imap.ID:
		return nil
	case imap.StartTLS, imap.Authenticate, imap.Login:
		if s.loggedIn() {
			return bad("you are logged in already")
		}
		return nil
	}
	if !s.loggedIn() {
		return bad("log in first")
	}
	switch r.(type) {
	case imap.Check, imap.Close, imap.Unselect, imap.Expunge, imap.Search,
		imap.Fetch, imap.Store, imap.Copy, imap.Move:
		if s.view == nil {
			return bad("select a mailbox first")
		}
	}
	return nil
}

// mayExpunge says whether the command's answer may say EXPUNGE: the client
// must be able to trust in the sequence numbers that it has just given, RFC
// 3501 §7.4.1. The UID commands give none.
func mayExpunge(r imap.Request) bool {
	switch r := r.(type) {
	case imap.Fetch:
		return r.UID
	case imap.Store:
		return r.UID
	case imap.Search:
		return r.UID
	}
	return true
}

// execute answers one command but for its tagged response.
func (s *session) execute(ctx context.Context, cmd *imap.Command) (code string, err error) {
	switch r := cmd.Request.(type) {
	case imap.Capability:
		return s.capability()
	case imap.Noop, imap.Check:
		return s.noop()
	case imap.Logout:
		return s.logout(cmd.Tag)
	case imap.ID:
		return s.id(r)
	case imap.StartTLS:
		return s.startTLS(cmd.Tag)
	case imap.Authenticate:
		return s.authenticate(ctx, r)
	case imap.Login:
		return s.login(ctx, "LOGIN", sasl.Credentials{Authentication: r.User, Password: r.Password})
	case imap.Select:
		return s.selectMailbox(ctx, r.Mailbox, false)
	case imap.Examine:
		return s.selectMailbox(ctx, r.Mailbox, true)
	case imap.Create:
		return s.create(ctx, r)
	case imap.Delete:
		return s.delete(ctx, r)
	case imap.Rename:
		return s.rename(ctx, r)
	case imap.Subscribe:
		return s.subscribe(ctx, r.Mailbox, true)
	case imap.Unsubscribe:
		return s.subscribe(ctx, r.Mailbox, false)
	case imap.List:
		return s.list(ctx, r)
	case imap.Namespace:
		return s.namespace()
	case imap.Status:
		return s.status(ctx, r)
	case imap.Append:
		return s.append(ctx, r)
	case imap.Idle:
		return s.idle(ctx)
	case imap.Close:
		return s.close(ctx)
	case imap.Unselect:
		return s.unselect()
	case imap.Expunge:
		return s.expunge(ctx, r)
	case imap.Search:
		return s.search(ctx, r)
	case imap.Fetch:
		return s.fetch(ctx, r)
	case imap.Store:
		return s.store(ctx, r)
	case imap.Copy:
		return s.copy(ctx, r)
	case imap.Move:
		return s.move(ctx, r)
	}
	return "", bad(cmd.Request.Name() + " is not known here")
}
