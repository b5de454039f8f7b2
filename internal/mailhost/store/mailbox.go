package store

import "context"

// Mailboxes lists an account's mailboxes in the order of their names, INBOX
// first.
func (s *Store) Mailboxes(ctx context.Context, account AccountID) ([]Mailbox, error) {
	return nil, errNotYet
}

// MailboxByName finds a mailbox. Only INBOX is compared without case.
func (s *Store) MailboxByName(ctx context.Context, account AccountID, name string) (Mailbox, error) {
	return Mailbox{}, errNotYet
}

// MailboxStatus counts what is in a mailbox.
func (s *Store) MailboxStatus(ctx context.Context, id MailboxID) (Status, error) {
	return Status{}, errNotYet
}

// CreateMailbox makes a mailbox, and those above it that are missing. A
// Separator at the end of the name is ignored (RFC 9051 §6.3.4).
func (s *Store) CreateMailbox(ctx context.Context, account AccountID, name string, use SpecialUse) (Mailbox, error) {
	return Mailbox{}, errNotYet
}

// RenameMailbox renames a mailbox and all below it. Renaming INBOX moves its
// messages to a new mailbox and leaves it and what is below it (RFC 9051
// §6.3.6).
func (s *Store) RenameMailbox(ctx context.Context, account AccountID, from, to string) error {
	return errNotYet
}

// DeleteMailbox removes a mailbox and its messages, not those below it. The
// name's subscription stays (RFC 9051 §6.3.7).
func (s *Store) DeleteMailbox(ctx context.Context, account AccountID, name string) error {
	return errNotYet
}

// Subscribe adds a name to the account's subscriptions, whether or not there
// is a mailbox, or takes it off them.
func (s *Store) Subscribe(ctx context.Context, account AccountID, name string, on bool) error {
	return errNotYet
}

// Subscriptions lists the names that the account is subscribed to, in order.
func (s *Store) Subscriptions(ctx context.Context, account AccountID) ([]string, error) {
	return nil, errNotYet
}
