package imapd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/lab/dialogue"
	"postern/internal/lab/leakcheck"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/store"
	"postern/internal/mailhost/testhost"
	"postern/internal/wire/ports"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

const alice = testhost.Alice

var (
	startTLS = door.Port{Number: 143, Protocol: ports.IMAP, Security: ports.StartTLS, Role: ports.Access}
	implicit = door.Port{Number: 993, Protocol: ports.IMAP, Security: ports.TLS, Role: ports.Access}
)

// host is a mail host with nothing but IMAP.
type host struct{ *testhost.Host }

func newHost(t testing.TB) *host {
	t.Helper()
	return &host{testhost.New(t, testhost.Options{
		Ports:    []door.Port{startTLS, implicit},
		Settings: func(c *config.Config) { c.Limits.MessageSize = 1 << 20 },
		Protocol: func(h *testhost.Host) door.Protocol {
			return New(Options{
				Store: h.Store, Login: h.Login,
				Hostname: testhost.Hostname, MessageSize: h.Config().Limits.MessageSize,
			})
		},
	})}
}

// logIn is the command with which alice logs in.
func (h *host) logIn() string { return fmt.Sprintf("LOGIN %s %q", alice, h.Password) }

// deliver puts a message with CRLF line ends into one of alice's mailboxes.
func (h *host) deliver(ctx context.Context, mailbox, message string) (store.Placed, error) {
	date := time.Date(2024, 2, 29, 23, 30, 0, 0, time.FixedZone("", -3600)) // 1 March in UTC
	return h.Deliver(ctx, alice, mailbox, message, date)
}

// letter reads a message of testdata/messages and gives it CRLF.
func letter(name string) (string, error) {
	data, err := os.ReadFile(filepath.Join("testdata/messages", name))
	return strings.ReplaceAll(string(data), "\n", "\r\n"), err
}

// stage adds to the host's what IMAP needs: the «octets» of the password, for a
// literal, and
//
//	deliver MAILBOX MESSAGE...    messages of testdata/messages arrive for alice
func (h *host) stage() dialogue.Stage {
	s := h.Stage()
	s.Vars["octets"] = fmt.Sprint(len(h.Password))
	s.Steps["deliver"] = func(arguments string) error {
		words := strings.Fields(arguments)
		if len(words) < 2 {
			return fmt.Errorf("use: deliver MAILBOX MESSAGE...")
		}
		for _, name := range words[1:] {
			message, err := letter(name)
			if err != nil {
				return err
			}
			if _, err := h.deliver(context.Background(), words[0], message); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}

// TestDialogues plays the dialogues of testdata/dialogues, each against a host
// of its own.
func TestDialogues(t *testing.T) {
	for _, file := range dialogue.Files(t, "testdata/dialogues/*.txt") {
		t.Run(dialogue.Name(file), func(t *testing.T) {
			t.Parallel()
			newHost(t).stage().Play(t, file)
		})
	}
}
