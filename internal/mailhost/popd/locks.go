package popd

import (
	"sync"

	"postern/internal/mailhost/store"
)

// locks holds the mailboxes that a session has (RFC 1939 §4). One process owns
// the data directory, so memory is the place for it.
type locks struct {
	mu   sync.Mutex
	held map[store.MailboxID]struct{}
}

// take takes a mailbox, unless another session has it.
func (l *locks) take(id store.MailboxID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, taken := l.held[id]; taken {
		return false
	}
	if l.held == nil {
		l.held = make(map[store.MailboxID]struct{})
	}
	l.held[id] = struct{}{}
	return true
}

func (l *locks) release(id store.MailboxID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, id)
}
