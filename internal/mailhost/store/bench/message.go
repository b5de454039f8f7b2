package main

import (
	"bytes"
	"fmt"
)

var words = bytes.Fields([]byte(`the a of to and in that is was for it with as his on be at by had not are
	but from or have an they which one you were her all she there would their we him been has when who will more no if
	out so said what up its about into than them can only other new some could time these two may then do first any my
	now such like our over man me even most made after also did many before must through back years where much your way`))

// message is a text mail of messageSize bytes, different for each n of each
// session.
func message(session, n int) []byte {
	var b bytes.Buffer
	b.Grow(messageSize)
	fmt.Fprintf(&b, "Return-Path: <sender%d@example.org>\r\n", session)
	fmt.Fprintf(&b, "Received: from mail.example.org ([192.0.2.1]) by mx.example.com with ESMTPS\r\n\tid %x; Sat, 21 Nov 2026 12:00:00 +0000\r\n", n)
	fmt.Fprintf(&b, "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <%d.%d@example.org>\r\n", session, n)
	fmt.Fprintf(&b, "From: Sender Number %d <sender%d@example.org>\r\nTo: Recipient <to%d@example.com>\r\n", session, session, session)
	fmt.Fprintf(&b, "Subject: message %d of session %d\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", n, session)
	seed, line := uint32(session*7919+n), 0
	for b.Len() < messageSize-2 {
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
	b.Truncate(messageSize - 2)
	b.WriteString("\r\n")
	return b.Bytes()
}
