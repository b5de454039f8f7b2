package store

import (
	"context"
	"fmt"
	"math"
	"time"
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
// After an error the same body can be delivered again.
func (s *Store) Deliver(ctx context.Context, lane Lane, body *Body, to []Delivery) ([]Placed, error) {
	if len(to) == 0 {
		return nil, nil
	}
	var placed []Placed
	o := &op{
		body:  body,
		bytes: int64(opBytes*(1+len(to))) + int64(len(body.memory)),
		run: func(tx *Tx) (err error) {
			placed, err = tx.deliver(body, to)
			return err
		},
	}
	if err := s.submit(ctx, lane, o); err != nil {
		return nil, err
	}
	return placed, nil
}

func (tx *Tx) deliver(body *Body, to []Delivery) ([]Placed, error) {
	placed := make([]Placed, 0, len(to))
	messages := map[AccountID]MessageID{}
	for _, d := range to {
		mb, err := tx.ledger.mailbox(d.Mailbox)
		if err != nil {
			return nil, err
		}
		id, again := messages[mb.account.id]
		if again {
			err = tx.refer(id)
		} else {
			id, err = tx.insertMessage(mb.account.id, body, d.Date)
			messages[mb.account.id] = id
		}
		if err != nil {
			return nil, err
		}
		flags, err := tx.flags(mb, d.Flags, d.Keywords, true)
		if err != nil {
			return nil, err
		}
		e, err := tx.place(mb, id, flags)
		if err != nil {
			return nil, err
		}
		placed = append(placed, Placed{mb.id, mb.uidvalidity, e.UID, id, e.ModSeq})
	}
	return placed, nil
}

func (tx *Tx) insertMessage(account AccountID, b *Body, date time.Time) (MessageID, error) {
	id, err := tx.ledger.id("message")
	if err != nil {
		return 0, err
	}
	if _, err := tx.ledger.inSegment(b.ref.Segment, 1); err != nil {
		return 0, err
	}
	internal := tx.now
	if !date.IsZero() {
		internal = micros(date)
	}
	err = tx.do(`insert into message (id, account, segment, position, size, date, envelope, structure, signature)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, account, b.ref.Segment, b.ref.Offset, b.ref.Size, internal, b.envelope, b.structure, b.signature)
	return MessageID(id), err
}

// place gives a message the next UID in a mailbox.
func (tx *Tx) place(mb *mailboxRow, id MessageID, flags Flags) (Entry, error) {
	if mb.uidnext == math.MaxUint32 {
		return Entry{}, fmt.Errorf("mailbox %d has no UID left", mb.id)
	}
	c := tx.change(mb)
	e := Entry{UID: mb.uidnext, ModSeq: c.modseq, Flags: flags}
	err := tx.do("insert into placement (mailbox, uid, message, modseq, flags, savedate) values ($1, $2, $3, $4, $5, $6)",
		mb.id, e.UID, id, e.ModSeq, int64(flags), tx.now)
	if err != nil {
		return Entry{}, err
	}
	mb.uidnext++
	c.placed = append(c.placed, e)
	c.uidnext = mb.uidnext
	return e, nil
}
