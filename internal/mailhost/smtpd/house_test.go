package smtpd_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"postern/internal/lab/dialogue"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/delivery"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/smtpd"
	"postern/internal/mailhost/testhost"
	"postern/internal/wire/ports"
)

// house is a mail host with nothing but SMTP. The postmaster's mail goes to
// alice.
type house struct{ *testhost.Host }

const (
	alice = testhost.Alice
	bob   = testhost.Bob
)

var portsOpen = []door.Port{
	{Number: 25, Protocol: ports.SMTP, Security: ports.StartTLS, Role: ports.Relay},
	{Number: 587, Protocol: ports.SMTP, Security: ports.StartTLS, Role: ports.Submission},
	{Number: 465, Protocol: ports.SMTP, Security: ports.TLS, Role: ports.Submission},
	{Number: 24, Protocol: ports.SMTP, Security: ports.None, Role: ports.Submission},
}

// newHouse builds one, on the store that wrap makes of the real one, if there
// is a wrap. The limits are small, so that tests reach them.
func newHouse(t testing.TB, wrap func(delivery.Store) delivery.Store) *house {
	t.Helper()
	return &house{testhost.New(t, testhost.Options{
		Ports:    portsOpen,
		Settings: func(c *config.Config) { c.Limits.MessageSize, c.Limits.Recipients = 100_000, 3 },
		Protocol: func(h *testhost.Host) door.Protocol {
			mail := delivery.Store(h.Store)
			if wrap != nil {
				mail = wrap(mail)
			}
			return smtpd.New(smtpd.Options{
				Config: h.Config,
				Delivery: delivery.New(delivery.Options{
					Hostname: testhost.Hostname, Directory: h.Directory, Store: mail, Postmaster: alice,
				}),
				Login: h.Login,
			})
		},
	})}
}

// stage adds to the host's what SMTP needs:
//
//	newest ADDRESS "TEXT"    that is the newest message, behind its trace
func (h *house) stage() dialogue.Stage {
	s := h.Stage()
	s.Vars["alice64"] = base64.StdEncoding.EncodeToString([]byte(alice))
	s.Vars["secret64"] = base64.StdEncoding.EncodeToString([]byte(h.Password))
	s.Vars["long"] = strings.Repeat("x", 3000)
	s.Vars["hops"] = strings.TrimSuffix(strings.Repeat("Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n", 100), "\r\n")
	s.Vars["too-large"] = strings.TrimSuffix(strings.Repeat(strings.Repeat("y", 998)+"\r\n", 110), "\r\n")
	s.Steps["newest"] = h.newest
	return s
}

func (h *house) newest(arguments string) error {
	address, quoted, _ := strings.Cut(arguments, " ")
	want, err := strconv.Unquote(quoted)
	if err != nil {
		return err
	}
	all := h.Messages(address)
	if len(all) == 0 {
		return errors.New("there is no message")
	}
	if _, got := cutTrace(all[len(all)-1]); got != want {
		return fmt.Errorf("newest message is %q, want %q", got, want)
	}
	return nil
}

// cutTrace parts Return-Path and Received from what was submitted.
func cutTrace(message string) (trace, submitted string) {
	lines := strings.SplitAfter(message, "\r\n")
	end := 2 // Return-Path and the first line of Received
	for end < len(lines) && strings.HasPrefix(lines[end], "\t") {
		end++
	}
	return strings.Join(lines[:end], ""), strings.Join(lines[end:], "")
}
