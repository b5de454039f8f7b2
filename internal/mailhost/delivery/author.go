package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"postern/internal/fault"
	"postern/internal/wire/message"
)

// author decides whether the client may be who the message says wrote it. There
// is to be exactly one From, because programs differ in which of several they
// show, and each address in it must be allowed; so must those in Sender, which
// some programs show before From. Servers may say what they like.
func (d *Delivery) author(ctx context.Context, c Client, header io.Reader) error {
	if c.Account == nil && !c.Submission {
		return nil
	}
	fields, err := authorFields(header)
	if err != nil {
		return err
	}
	if n := countFroms(fields); n != 1 {
		return badAuthor(fmt.Sprintf("message has %d From fields; it needs one", n))
	}
	for _, f := range fields {
		claimed, err := claims(f.Value)
		if err != nil {
			return err
		}
		if len(claimed) == 0 && isFrom(f) {
			return badAuthor("From has no address; it needs one")
		}
		for _, a := range claimed {
			if err := d.mayBe(ctx, c, a.Domain, a.Addr()); err != nil {
				return err
			}
		}
	}
	return nil
}

func isFrom(f message.Field) bool { return strings.EqualFold(f.Name, "From") }

func countFroms(fields []message.Field) (n int) {
	for _, f := range fields {
		if isFrom(f) {
			n++
		}
	}
	return n
}

// maxAuthor is how long From and Sender may be together, in bytes as submitted.
// A mail program that cuts a longer one elsewhere than we do would show what was
// not checked.
const maxAuthor = 8192

// authorFields reads the From and Sender fields of a header.
func authorFields(header io.Reader) ([]message.Field, error) {
	raw := &capped{room: maxAuthor}
	err := message.FilterHeader(raw, header, []string{"From", "Sender"}, false)
	if errors.Is(err, errFull) {
		return nil, badAuthor(fmt.Sprintf("From and Sender are longer than %d bytes", maxAuthor))
	}
	if err != nil {
		return nil, broken("read", "staged message", err)
	}
	var fields []message.Field
	for field, err := range message.Fields(&raw.Buffer) {
		if err != nil {
			return nil, broken("read", "staged message", err)
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// claims are the addresses that a reader could take a field for. Programs that
// meet two addresses side by side differ in which of them they show: some take
// the first of "<a@x> <b@y>", some the last, and some the name of
// "a@x <b@y>". So the field is read twice: as it stands, and with every word
// for itself.
func claims(value string) ([]message.Address, error) {
	claimed := message.ParseAddresses(value)
	alone := message.ParseAddresses(strings.Map(apart, value))
	if max(len(claimed), len(alone)) >= message.MaxAddresses {
		return nil, badAuthor("From or Sender has more addresses than can be read")
	}
	claimed = slices.DeleteFunc(claimed, func(a message.Address) bool { return a.Kind != message.Mailbox })
	for _, a := range alone {
		// The rest are words of a name.
		if a.Local != "" && a.Domain != "" {
			claimed = append(claimed, a)
		}
	}
	return claimed, nil
}

// apart puts commas between words. Quoted strings and comments stay what they
// are: no quote or parenthesis changes.
func apart(r rune) rune {
	switch r {
	case ' ', '\t', '\r', '\n', '<', '>':
		return ','
	}
	return r
}

// capped is a buffer with an end.
type capped struct {
	bytes.Buffer
	room int
}

var errFull = errors.New("the buffer is full")

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > c.room {
		return 0, errFull
	}
	return c.Buffer.Write(p)
}

func badAuthor(text string) error {
	return &fault.Error{Fault: "OU02", Op: "accept", Object: "message", Client: text}
}
