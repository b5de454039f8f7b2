package demo

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/internal/wire/message"
)

// letter is the message that alice sends, and what became of it.
type letter struct {
	id        string
	submitted []byte
	viaPOP3   []byte
	viaIMAP   []byte
}

const (
	subject = "Schöne Grüße ☕"
	text    = `Liebe Grüße, bob!

Everything in here has to arrive as it was sent: żółć, ελληνικά, 日本語, עברית,
a line that begins with a dot,
.like this one,
and the file that comes with it.

alice
`
	attachment = "Stadt;Wetter\nMünchen;schön\nŁódź;też\n東京;晴れ\n"
)

// write composes the letter.
func write(now time.Time) (*letter, error) {
	l := &letter{id: fmt.Sprintf("<%s@%s>", strings.ToLower(rand.Text()), domain)}
	content := &message.Content{
		Fields: []message.Field{
			message.AddressField("From", person("Alice Östergård", alice)),
			message.AddressField("To", person("Bob Żak", bob)),
			message.TextField("Subject", subject),
			{Name: "Date", Value: now.Format(time.RFC1123Z)},
			{Name: "Message-ID", Value: l.id},
		},
		Type: "multipart/mixed",
		Parts: []*message.Content{
			{Type: "text/plain", Text: text},
			{Type: "text/csv", Disposition: "attachment", Filename: "Wetter für Bob.csv", Data: strings.NewReader(attachment)},
		},
	}
	var b bytes.Buffer
	if err := message.Compose(&b, content, rand.Reader); err != nil {
		return nil, fmt.Errorf("write the letter: %w", err)
	}
	l.submitted = b.Bytes()
	return l, nil
}

func person(name, address string) message.Address {
	local, at, _ := strings.Cut(address, "@")
	return message.Address{Name: name, Local: local, Domain: at}
}

// errLost is what a mailbox without the letter means: it was accepted.
var errLost = errors.New("the letter was accepted and is not there")

// arrived passes a fetch's error on, and else looks whether it is the letter
// that was fetched.
func (l *letter) arrived(err error, fetched []byte) error {
	if err == nil && !bytes.Contains(fetched, []byte(l.id)) {
		return errLost
	}
	return err
}

// compare returns an error unless both protocols returned the same, and that is
// Return-Path and Received, then the bytes that were submitted (RFC 5321 §4.4).
func (l *letter) compare() error {
	if !bytes.Equal(l.viaPOP3, l.viaIMAP) {
		return fmt.Errorf("POP3 returned %d bytes and IMAP %d, and they differ", len(l.viaPOP3), len(l.viaIMAP))
	}
	trace, found := bytes.CutSuffix(l.viaPOP3, l.submitted)
	if !found {
		return fmt.Errorf("what was fetched (%d bytes) does not end with the %d bytes that were submitted", len(l.viaPOP3), len(l.submitted))
	}
	var fields []message.Field
	for f, err := range message.Fields(bytes.NewReader(trace)) {
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	if len(fields) != 2 || fields[0].Name != "Return-Path" || fields[0].Value != "<"+alice+">" || fields[1].Name != "Received" {
		return fmt.Errorf("before the submitted bytes stands %q, not Return-Path of %s and Received", trace, alice)
	}
	return nil
}
