package imapd

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/lab/dialogue"
	"postern/internal/lab/leakcheck"
	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/store"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }

const (
	alice    = "alice@example.com"
	password = "correct horse 7"
)

// host is a mail host with nothing but IMAP, and alice's account.
type host struct {
	store     *store.Store
	account   directory.Account
	attempts  chan activity.Attempt
	addresses map[string]string // by the names that dialogues use: imap, imaps
	tls       *tls.Config       // for clients
	doors     *door.Server
	ports     map[string]door.Port // by the same names
}

// attemptLog keeps the first attempts and forgets the others.
type attemptLog chan activity.Attempt

func (l attemptLog) Record(a activity.Attempt) {
	select {
	case l <- a:
	default:
	}
}

// newHost is a host whose ports are open.
func newHost(t testing.TB) *host {
	t.Helper()
	h := newClosedHost(t)
	for name, port := range h.ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		h.addresses[name] = l.Addr().String()
		go h.doors.Serve(l, port)
		t.Cleanup(func() { l.Close() })
	}
	return h
}

// newClosedHost is a host that nobody can connect to yet.
func newClosedHost(t testing.TB) *host {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := directory.New(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddDomain(t.Context(), "example.com"); err != nil {
		t.Fatal(err)
	}
	account, err := d.AddAccount(t.Context(), alice, secret.New(password))
	if err != nil {
		t.Fatal(err)
	}
	h := &host{store: s, account: account, attempts: make(chan activity.Attempt, 100), addresses: map[string]string{}}
	h.furnish(t, d)
	return h
}

// furnish makes the server and its doors.
func (h *host) furnish(t testing.TB, d *directory.Directory) {
	t.Helper()
	ca, err := pki.NewCA("test CA", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(pki.Leaf{Names: []string{"mail.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	h.tls = &tls.Config{RootCAs: ca.Pool(), ServerName: "mail.example.com"}
	settings := &config.Config{
		Limits: config.Limits{Connections: 10000, ConnectionsPerAddress: 10000},
		Guard:  config.Guard{Window: time.Hour, SlowAfter: 100, Address: 100, Network: 100, Account: 100, RefuseFor: time.Hour},
	}
	g := guard.New(func() *config.Config { return settings })
	server := New(Options{
		Store:       h.store,
		Login:       login.New(g, d, attemptLog(h.attempts)),
		Hostname:    "mail.example.com",
		MessageSize: 1 << 20,
	})
	h.ports = map[string]door.Port{
		"imap":  {Number: 143, Protocol: ports.IMAP, Security: ports.StartTLS, Role: ports.Access},
		"imaps": {Number: 993, Protocol: ports.IMAP, Security: ports.TLS, Role: ports.Access},
	}
	h.doors = door.NewServer(door.Options{
		Ports:       []door.Port{h.ports["imap"], h.ports["imaps"]},
		Protocols:   map[ports.Protocol]door.Protocol{ports.IMAP: server},
		Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil },
		Gate:        g,
		Record:      attemptLog(h.attempts),
		Logger:      slog.New(slog.DiscardHandler),
		Metrics:     prometheus.NewRegistry(),
		Rand:        rand.Reader,
	})
	t.Cleanup(h.stop)
}

// stop ends all sessions; it may be called again.
func (h *host) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	h.doors.Stop(ctx)
}

// dial connects to one of the ports; imaps is encrypted from the start.
func (h *host) dial(port string) (net.Conn, error) {
	if port == "imaps" {
		return tls.Dial("tcp", h.addresses[port], h.tls)
	}
	return net.Dial("tcp", h.addresses[port])
}

// deliver puts a message with CRLF line ends into one of alice's mailboxes.
func (h *host) deliver(ctx context.Context, mailbox string, message []byte) (store.Placed, error) {
	m, err := h.store.MailboxByName(ctx, h.account.ID, mailbox)
	if err != nil {
		return store.Placed{}, err
	}
	staging, err := h.store.Stage(ctx)
	if err != nil {
		return store.Placed{}, err
	}
	defer staging.Discard()
	if _, err := staging.Write(message); err != nil {
		return store.Placed{}, err
	}
	body, err := staging.Finish()
	if err != nil {
		return store.Placed{}, err
	}
	defer body.Discard()
	date := time.Date(2024, 2, 29, 23, 30, 0, 0, time.FixedZone("", -3600)) // 1 March in UTC
	placed, err := h.store.Deliver(ctx, store.Bulk, body, []store.Delivery{{Mailbox: m.ID, Date: date}})
	if err != nil {
		return store.Placed{}, err
	}
	return placed[0], nil
}

// letter reads a message of testdata/messages and gives it CRLF.
func letter(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join("testdata/messages", name))
	return []byte(strings.ReplaceAll(string(data), "\n", "\r\n")), err
}

// stage lets dialogues be played against the host, with the steps
//
//	deliver MAILBOX MESSAGE...
//	stop
//
// which bring messages of testdata/messages into one of alice's mailboxes, and
// let the server stop.
func (h *host) stage(t testing.TB) dialogue.Stage {
	return dialogue.Stage{
		Dial: h.dial,
		TLS:  h.tls,
		Vars: map[string]string{
			"password": password,
			"as-alice": base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00" + password)),
			"as-bob":   base64.StdEncoding.EncodeToString([]byte("bob@example.com\x00" + alice + "\x00" + password)),
		},
		Steps: map[string]func(string) error{
			"deliver": func(arguments string) error {
				words := strings.Fields(arguments)
				if len(words) < 2 {
					return fmt.Errorf("use: deliver MAILBOX MESSAGE...")
				}
				for _, name := range words[1:] {
					message, err := letter(name)
					if err != nil {
						return err
					}
					if _, err := h.deliver(t.Context(), words[0], message); err != nil {
						return err
					}
				}
				return nil
			},
			"stop": func(string) error {
				go h.stop()
				return nil
			},
		},
	}
}

// TestDialogues plays the dialogues of testdata/dialogues, each against a host
// of its own.
func TestDialogues(t *testing.T) {
	for _, file := range dialogue.Files(t, "testdata/dialogues/*.txt") {
		t.Run(dialogue.Name(file), func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			h.stage(t).Play(t, file)
		})
	}
}
