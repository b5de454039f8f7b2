package delivery

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/mailhost/directory"
	"postern/internal/wire/smtp"
)

func TestTrace(t *testing.T) {
	now := time.Date(2026, 11, 1, 9, 5, 7, 0, time.FixedZone("", 3600))
	d := New(Options{Hostname: "mail.example.com"})
	bob := Recipient{Address: smtp.Address{Local: "bob", Domain: "example.com"}}
	odd := Recipient{Address: smtp.Address{Local: "odd one", Domain: "example.com"}}
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for _, test := range []struct {
		name string
		e    Envelope
		want string
	}{
		{"server, plain", Envelope{
			Client: Client{Session: "k3m9x0p2qa", Address: v4, Hello: "mx.other.example", Extended: true},
			From:   smtp.Address{Local: "carol", Domain: "other.example"},
			To:     []Recipient{bob},
		}, "Return-Path: <carol@other.example>\r\n" +
			"Received: from mx.other.example ([192.0.2.1])\r\n" +
			"\tby mail.example.com with ESMTP id k3m9x0p2qa\r\n" +
			"\tfor <bob@example.com>;\r\n" +
			"\tSun, 1 Nov 2026 09:05:07 +0100\r\n"},
		{"person, encrypted", Envelope{
			Client: Client{
				Session: "k3m9x0p2qa", Address: v6, Hello: "[192.168.1.2]", Extended: true,
				TLS: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Account: &directory.Account{},
			},
			From: smtp.Address{Local: `a"b`, Domain: "example.com"},
			To:   []Recipient{odd},
		}, "Return-Path: <\"a\\\"b\"@example.com>\r\n" +
			"Received: from [192.168.1.2] ([IPv6:2001:db8::1])\r\n" +
			"\tby mail.example.com with ESMTPSA (TLS 1.3) id k3m9x0p2qa\r\n" +
			"\tfor <\"odd one\"@example.com>\r\n" +
			"\ttls TLS_AES_128_GCM_SHA256;\r\n" +
			"\tSun, 1 Nov 2026 09:05:07 +0100\r\n"},
		{"HELO with a strange name, a bounce for two", Envelope{
			Client: Client{Session: "k3m9x0p2qa", Address: v4, Hello: "Maria's-PC(home)"},
			To:     []Recipient{bob, odd},
		}, "Return-Path: <>\r\n" +
			"Received: from [192.0.2.1] ([192.0.2.1])\r\n" +
			"\tby mail.example.com with SMTP id k3m9x0p2qa;\r\n" +
			"\tSun, 1 Nov 2026 09:05:07 +0100\r\n"},
		{"encrypted, no login", Envelope{
			Client: Client{Session: "k3m9x0p2qa", Address: v4, Hello: "mx", Extended: true, TLS: "TLS 1.2", Cipher: "X"},
			To:     []Recipient{bob},
		}, "Return-Path: <>\r\n" +
			"Received: from mx ([192.0.2.1])\r\n" +
			"\tby mail.example.com with ESMTPS (TLS 1.2) id k3m9x0p2qa\r\n" +
			"\tfor <bob@example.com>\r\n" +
			"\ttls X;\r\n" +
			"\tSun, 1 Nov 2026 09:05:07 +0100\r\n"},
	} {
		if diff := cmp.Diff(test.want, d.trace(test.e, now)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}
