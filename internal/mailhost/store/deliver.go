package store

import (
	"context"
	"time"
)

// A Lane is the queue that an op waits in. The writer takes interactive ops
// before bulk ones.
type Lane int

// The lanes.
const (
	Interactive Lane = iota // a person's program waits: IMAP, POP3, submission
	Bulk                    // mail from other servers, upkeep
)

// A Delivery puts a staged message into a mailbox.
type Delivery struct {
	Mailbox  MailboxID
	Flags    Flags // system flags only
	Keywords []string
	Date     time.Time // INTERNALDATE; zero is now
}

// Placed says where a message came to lie.
type Placed struct {
	Mailbox     MailboxID
	UIDValidity uint32
	UID         UID
	Message     MessageID
	ModSeq      ModSeq
}

// Deliver puts body into all the mailboxes or, with an error, into none. When
// it returns without one, the message is durable. Its bytes are stored once.
func (s *Store) Deliver(ctx context.Context, lane Lane, body *Body, to []Delivery) ([]Placed, error) {
	return nil, errNotYet
}
