package recognise

import (
	"strings"
	"testing"
)

func TestClient(t *testing.T) {
	for _, test := range []struct {
		first string
		want  Guess
	}{
		{"", Guess{Protocol: Nothing}},
		{"\x16", Guess{Protocol: TLS}},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Guess{Protocol: TLS, Kind: ClientHello}},
		{"\x16\x03\x03\x00\x31\x01\x00", Guess{Protocol: TLS, Kind: ClientHello}},
		{"\x80\x2e\x01\x03\x01\x00\x15", Guess{Protocol: TLS, Kind: ClientHello}},
		{"\x80\x2e\x01\x00\x02\x00\x15", Guess{Protocol: TLS, Kind: ClientHello}},
		{"\x15\x03\x01\x00\x02\x02\x30", Guess{Protocol: TLS, Kind: Alert, Alert: 48}},
		{"\x15\x03\x03\x00\x1a\x00\x00\x00", Guess{Protocol: TLS, Kind: Alert}},
		{"GET / HTTP/1.1\r\nHost: x\r\n", Guess{Protocol: HTTP}},
		{"POST /x HTTP/1.0\r\n", Guess{Protocol: HTTP}},
		{"CONNECT example.com:25 HTTP/1.1\r\n", Guess{Protocol: HTTP}},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n", Guess{Protocol: HTTP}},
		{"SSH-2.0-OpenSSH_9.2\r\n", Guess{Protocol: SSH}},
		{"PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n", Guess{Protocol: PROXY}},
		{"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c", Guess{Protocol: PROXY}},
		{"\x03\x00\x00\x2b\x26\xe0\x00\x00\x00\x00\x00Cookie: mstshash=a", Guess{Protocol: RDP}},
		{"EHLO client\r\n", Guess{Protocol: SMTP}},
		{"helo x\r\n", Guess{Protocol: SMTP}},
		{"MAIL FROM:<a@example.com>\r\n", Guess{Protocol: SMTP}},
		{"STARTTLS\r\n", Guess{Protocol: SMTP}},
		{"USER alice\r\n", Guess{Protocol: POP3}},
		{"CAPA\r\n", Guess{Protocol: POP3}},
		{"stls\n", Guess{Protocol: POP3}},
		{"a1 CAPABILITY\r\n", Guess{Protocol: IMAP}},
		{"A001 LOGIN alice secret\r\n", Guess{Protocol: IMAP}},
		{"1 starttls\r\n", Guess{Protocol: IMAP}},
		{"FEAT\r\n", Guess{Protocol: FTP}},
		{"AUTH TLS\r\n", Guess{Protocol: FTP}},
		{"AUTH PLAIN AGEAYg==\r\n", Guess{Protocol: Text}},
		{"QUIT\r\n", Guess{Protocol: Text}},
		{"NOOP\r\n", Guess{Protocol: Text}},
		{"\r\n", Guess{Protocol: Text}},
		{"hello there\r\n", Guess{Protocol: Text}},
		{"grüß dich\r\n", Guess{Protocol: Text}},
		{"GET me out\r\n", Guess{Protocol: Text}},
		{"\x00\x00\x00\x54\xffSMB", Guess{Protocol: Binary}},
		{"\x05\x01\x00", Guess{Protocol: Binary}},
		{"\x16\x04\x01", Guess{Protocol: Binary}},
	} {
		if got := Client([]byte(test.first)); got != test.want {
			t.Errorf("%q is %+v, want %+v", test.first, got, test.want)
		}
	}
}

func TestServer(t *testing.T) {
	for _, test := range []struct {
		first string
		want  Guess
	}{
		{"", Guess{Protocol: Nothing}},
		{"220 mail.example.com ESMTP Postfix\r\n", Guess{Protocol: SMTP}},
		{"220-mail.example.com\r\n220 ready\r\n", Guess{Protocol: SMTP}},
		{"220\r\n", Guess{Protocol: SMTP}},
		{"421 too busy\r\n", Guess{Protocol: SMTP}},
		{"554 no SMTP service here\r\n", Guess{Protocol: SMTP}},
		{"220 ftp.example.com ESMTP\r\n", Guess{Protocol: SMTP}},
		{"220 ***********0**2***\r\n", Guess{Protocol: SMTP, Kind: Garbled}},
		{"220 (vsFTPd 3.0.3)\r\n", Guess{Protocol: FTP}},
		{"220-FileZilla Server 1.7\r\n", Guess{Protocol: FTP}},
		{"220---------- Welcome to Pure-FTPd [privsep] ----------\r\n", Guess{Protocol: FTP}},
		{"120 ready in 5 minutes\r\n", Guess{Protocol: FTP}},
		{"* OK [CAPABILITY IMAP4rev1] ready\r\n", Guess{Protocol: IMAP}},
		{"* PREAUTH hello\r\n", Guess{Protocol: IMAP}},
		{"* BYE too many\r\n", Guess{Protocol: IMAP}},
		{"+OK POP3 ready <1@x>\r\n", Guess{Protocol: POP3}},
		{"-ERR [SYS/TEMP] busy\r\n", Guess{Protocol: POP3}},
		{"HTTP/1.1 400 Bad Request\r\n", Guess{Protocol: HTTP}},
		{"<html><body>400", Guess{Protocol: HTTP}},
		{"<!DOCTYPE html>", Guess{Protocol: HTTP}},
		{"SSH-2.0-dropbear\r\n", Guess{Protocol: SSH}},
		{"\x15\x03\x01\x00\x02\x02\x0a", Guess{Protocol: TLS, Kind: Alert, Alert: 10}},
		{"\x16\x03\x03\x00\x7a\x02\x00", Guess{Protocol: TLS, Kind: ServerHello}},
		{"\x03\x00\x00\x13\x0e\xd0\x00", Guess{Protocol: RDP}},
		{"200 news.example.com ready\r\n", Guess{Protocol: Text}},
		{"* maybe\r\n", Guess{Protocol: Text}},
		{"RFB 003.008\n", Guess{Protocol: Text}},
		{"2200 no code\r\n", Guess{Protocol: Text}},
		{"\x4a\x00\x00\x00\x0a8.0.33\x00", Guess{Protocol: Binary}},
	} {
		if got := Server([]byte(test.first)); got != test.want {
			t.Errorf("%q is %+v, want %+v", test.first, got, test.want)
		}
	}
}

// TestEnoughIsEnough checks that bytes beyond MaxNeeded change nothing.
func TestEnoughIsEnough(t *testing.T) {
	long := strings.Repeat("x", MaxNeeded)
	if got := Client([]byte(long + "\x00")); got.Protocol != Text {
		t.Errorf("long line is %+v", got)
	}
	if got := Server([]byte("220 " + long + "FTP")); got.Protocol != SMTP {
		t.Errorf("long greeting is %+v", got)
	}
}

func FuzzRecognise(f *testing.F) {
	for _, seed := range []string{"\x16\x03\x01\x02\x00\x01", "GET / HTTP/1.1", "220 ****** ", "a1 LOGIN", "\r\n\r\n\x00\r\nQUIT\n", "é"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, first []byte) {
		for _, g := range []Guess{Client(first), Server(first)} {
			if g.Protocol == "" || (g.Protocol == Nothing) != (len(first) == 0) {
				t.Fatalf("%q is %+v", first, g)
			}
			if g.Alert != 0 && g.Kind != Alert {
				t.Fatalf("%q has an alert and is %+v", first, g)
			}
		}
	})
}
