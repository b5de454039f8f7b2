package demo

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"postern/internal/wire/message"
)

// The letter is what a mail program would send: several parts, words that need
// encoding, and a line that only dot-stuffing brings through.
func TestLetter(t *testing.T) {
	l, err := write(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := message.Parse(bytes.NewReader(l.submitted), int64(len(l.submitted)))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Parts) != 2 {
		t.Errorf("%d parts, want the text and the attachment", len(tree.Parts))
	}
	for _, want := range []string{"\r\n.like this one,\r\n", "Message-ID: " + l.id, "=?utf-8?"} {
		if !bytes.Contains(bytes.ToLower(l.submitted), bytes.ToLower([]byte(want))) {
			t.Errorf("the letter lacks %q:\n%s", want, l.submitted)
		}
	}
	another, err := write(time.Now())
	if err != nil || another.id == l.id {
		t.Errorf("two letters have the id %s, %v", l.id, err)
	}
}

func TestCompare(t *testing.T) {
	const sent = "Subject: x\r\n\r\nbody\r\n"
	const trace = "Return-Path: <alice@demo.test>\r\nReceived: from a\r\n by b; now\r\n"
	tests := []struct {
		name, pop3, imap string
		want             string // in the error; empty: none
	}{
		{"as it should be", trace + sent, trace + sent, ""},
		{"protocols differ", trace + sent, trace + sent + "\r\n", "they differ"},
		{"body changed", trace + "Subject: x\r\n\r\nbodY\r\n", trace + "Subject: x\r\n\r\nbodY\r\n", "does not end with"},
		{"no trace", sent, sent, "not Return-Path"},
		{"another sender", "Return-Path: <bob@demo.test>\r\nReceived: x\r\n" + sent, "Return-Path: <bob@demo.test>\r\nReceived: x\r\n" + sent, "not Return-Path of alice"},
		{"one field more", trace + "X-Spam: no\r\n" + sent, trace + "X-Spam: no\r\n" + sent, "not Return-Path"},
		{"nothing", "", "", "does not end with"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &letter{submitted: []byte(sent), viaPOP3: []byte(tt.pop3), viaIMAP: []byte(tt.imap)}
			err := l.compare()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// A fetched message that is another one means that the letter is lost.
func TestArrived(t *testing.T) {
	l := &letter{id: "<1@demo.test>"}
	if err := l.arrived(nil, []byte("Message-ID: <1@demo.test>\r\n\r\n")); err != nil {
		t.Error(err)
	}
	if err := l.arrived(nil, []byte("Message-ID: <2@demo.test>\r\n\r\n")); err != errLost {
		t.Errorf("another letter gave %v", err)
	}
}
