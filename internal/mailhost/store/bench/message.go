package main

import (
	"bytes"
	"fmt"
)

var words = bytes.Fields([]byte(`the a of to and in that is was for it with as his on be at by had not are
	but from or have an they which one you were her all she there would their we him been has when who will more no if
	out so said what up its about into than them can only other new some could time these two may then do first any my
	now such like our over man me even most made after also did many before must through back years where much your way`))

// An author makes texts of messageSize bytes, each different from all
// others.
type author struct {
	text []byte
	at   int // where the number is
}

// numberWidth is how many digits a message's number has.
const numberWidth = 12

func newAuthor(session int) *author {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <sender%d@example.org>\r\n", session)
	b.WriteString("Received: from mail.example.org ([192.0.2.1]) by mx.example.com with ESMTPS\r\n\tid 4711; Sat, 21 Nov 2026 12:00:00 +0000\r\n")
	fmt.Fprintf(&b, "From: Sender Number %d <sender%d@example.org>\r\nTo: Recipient <to%d@example.com>\r\n", session, session, session)
	b.WriteString("Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
	fmt.Fprintf(&b, "Message-ID: <%d.4711@example.org>\r\nSubject: message ", session)
	a := &author{at: b.Len()}
	fmt.Fprintf(&b, "%0*d of a session\r\n\r\n", numberWidth, 0)
	seed, line := uint32(session*7919), 0
	for b.Len() < messageSize {
		seed = seed*1664525 + 1013904223
		w := words[int(seed>>16)%len(words)]
		if line+len(w) > 70 {
			b.WriteString("\r\n")
			line = 0
		}
		b.Write(w)
		b.WriteByte(' ')
		line += len(w) + 1
	}
	a.text = append(b.Bytes()[:messageSize-2], "\r\n"...)
	return a
}

// message returns the nth message. It is overwritten by the next one.
func (a *author) message(n int) []byte {
	copy(a.text[a.at:], fmt.Sprintf("%0*d", numberWidth, n))
	return a.text
}
