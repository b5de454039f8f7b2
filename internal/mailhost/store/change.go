package store

import "context"

// SetFlags changes the flags of those of the messages that are there, and
// returns those whose flags are different now, in order of their UIDs.
func (s *Store) SetFlags(ctx context.Context, mailbox MailboxID, uids []UID, c FlagChange) ([]Entry, error) {
	return nil, errNotYet
}

// Copied says which messages became which (RFC 4315 §3): From[i] is now, also
// or only, To[i] in the mailbox.
type Copied struct {
	UIDValidity uint32
	From, To    []UID
}

// Copy puts those of the messages that are there into another mailbox of the
// same account, with flags, keywords and INTERNALDATE: all or, with an error,
// none.
func (s *Store) Copy(ctx context.Context, from MailboxID, uids []UID, to MailboxID) (Copied, error) {
	return Copied{}, errNotYet
}

// Move is Copy and Expunge at once (RFC 6851): a message is never in both
// mailboxes nor in none.
func (s *Store) Move(ctx context.Context, from MailboxID, uids []UID, to MailboxID) (Copied, error) {
	return Copied{}, errNotYet
}

// Expunge removes those of the messages that are there, with onlyDeleted only
// those that have \Deleted; nil uids stand for all. It returns what it removed.
func (s *Store) Expunge(ctx context.Context, mailbox MailboxID, uids []UID, onlyDeleted bool) ([]UID, error) {
	return nil, errNotYet
}
