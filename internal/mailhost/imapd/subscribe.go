package imapd

import "context"

// subscribe answers SUBSCRIBE and UNSUBSCRIBE, RFC 3501 §6.3.6 and §6.3.7. A
// name may be subscribed to before there is a mailbox and after.
func (s *session) subscribe(ctx context.Context, name string, on bool) (string, error) {
	return "", s.server.Store.Subscribe(ctx, s.account.ID, name, on)
}
