package smtpd_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/lab/artifacts"
	"postern/internal/lab/dialogue"
	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/delivery"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/smtpd"
	"postern/internal/mailhost/store"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// house is a mail host with nothing but SMTP: real store, directory, guard and
// door. alice and bob live in it, and the postmaster's mail goes to alice.
type house struct {
	t         testing.TB
	store     *store.Store
	directory *directory.Directory
	door      *door.Server
	attempts  attempts
	tls       *tls.Config
	password  string

	mu        sync.Mutex
	listeners map[string]net.Listener
	serving   sync.WaitGroup
	stopping  sync.Once
}

var portsOpen = []door.Port{
	{Number: 25, Protocol: ports.SMTP, Security: ports.StartTLS, Role: ports.Relay},
	{Number: 587, Protocol: ports.SMTP, Security: ports.StartTLS, Role: ports.Submission},
	{Number: 465, Protocol: ports.SMTP, Security: ports.TLS, Role: ports.Submission},
	{Number: 24, Protocol: ports.SMTP, Security: ports.None, Role: ports.Submission},
}

const (
	hostname = "mail.example.com"
	alice    = "alice@example.com"
	bob      = "bob@example.com"
)

// newHouse builds one. The limits are small, so that tests reach them.
func newHouse(t testing.TB, wrap func(delivery.Store) delivery.Store) *house {
	t.Helper()
	h := &house{t: t, password: artifacts.Password(t), listeners: map[string]net.Listener{}}
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(artifacts.Writer(t, "log"), nil))

	var err error
	h.store, err = store.Open(ctx, store.Options{Dir: t.TempDir(), Logger: logger})
	h.must(err)
	t.Cleanup(func() { h.must(h.store.Close()) })
	h.directory, err = directory.New(h.store, nil)
	h.must(err)
	h.must(h.directory.AddDomain(ctx, "example.com"))
	for _, address := range []string{alice, bob} {
		_, err := h.directory.AddAccount(ctx, address, secret.New(h.password))
		h.must(err)
	}

	settings := config.Default()
	settings.Hostname = hostname
	settings.Limits.MessageSize, settings.Limits.Recipients = 100_000, 3
	settings.Guard = config.Guard{Window: time.Hour, SlowAfter: 1000, Address: 1000, Network: 1000, Account: 1000, RefuseFor: time.Minute}
	current := func() *config.Config { return &settings }
	gate := guard.New(current)

	mail := delivery.Store(h.store)
	if wrap != nil {
		mail = wrap(mail)
	}
	ca, err := pki.NewCA("test CA", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	h.must(err)
	cert, err := ca.Issue(pki.Leaf{Names: []string{hostname}})
	h.must(err)
	h.tls = &tls.Config{RootCAs: ca.Pool(), ServerName: hostname}
	h.door = door.NewServer(door.Options{
		Ports: portsOpen,
		Protocols: map[ports.Protocol]door.Protocol{ports.SMTP: smtpd.New(smtpd.Options{
			Config: current,
			Delivery: delivery.New(delivery.Options{
				Hostname: hostname, Directory: h.directory, Store: mail, Postmaster: alice,
			}),
			Login: login.New(gate, h.directory, &h.attempts),
		})},
		Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil },
		Gate:        gate,
		Record:      &h.attempts,
		Logger:      logger,
		Metrics:     prometheus.NewRegistry(),
		Rand:        rand.Reader,
	})
	t.Cleanup(h.stop)
	return h
}

// stop stops the door as a server that ends does.
func (h *house) stop() {
	h.stopping.Do(func() {
		h.mu.Lock()
		for _, l := range h.listeners {
			l.Close()
		}
		h.mu.Unlock()
		h.serving.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		h.door.Stop(ctx)
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// dial connects to the port that is called so, wherever it really is.
func (h *house) dial(name string) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.listeners[name]
	if l == nil {
		number, err := strconv.Atoi(name)
		if err != nil {
			return nil, err
		}
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
		h.listeners[name] = l
		for _, p := range portsOpen {
			if p.Number == number {
				h.serving.Go(func() { h.door.Serve(l, p) })
			}
		}
	}
	return net.Dial("tcp", l.Addr().String())
}

// stage is for dialogues. Its steps look behind the scene.
func (h *house) stage() dialogue.Stage {
	return dialogue.Stage{
		Dial: h.dial,
		TLS:  h.tls,
		Vars: map[string]string{
			"password":  h.password,
			"plain":     base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00" + h.password)),
			"wrong":     base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00not-" + h.password)),
			"as-bob":    base64.StdEncoding.EncodeToString([]byte("bob@example.com\x00" + alice + "\x00" + h.password)),
			"alice64":   base64.StdEncoding.EncodeToString([]byte(alice)),
			"secret64":  base64.StdEncoding.EncodeToString([]byte(h.password)),
			"long":      strings.Repeat("x", 3000),
			"hops":      strings.TrimSuffix(strings.Repeat("Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n", 100), "\r\n"),
			"too-large": strings.TrimSuffix(strings.Repeat(strings.Repeat("y", 998)+"\r\n", 110), "\r\n"),
		},
		Steps: map[string]func(string) error{
			"holds":   h.holds,
			"newest":  h.newest,
			"attempt": h.attempt,
			"stop":    func(string) error { go h.stop(); return nil },
		},
	}
}

// holds ADDRESS N: there are so many messages in the INBOX.
func (h *house) holds(arguments string) error {
	address, want, _ := strings.Cut(arguments, " ")
	if got := len(h.messages(address)); strconv.Itoa(got) != want {
		return fmt.Errorf("%s holds %d messages, want %s", address, got, want)
	}
	return nil
}

// newest ADDRESS "TEXT": the newest message is that, behind its trace.
func (h *house) newest(arguments string) error {
	address, quoted, _ := strings.Cut(arguments, " ")
	want, err := strconv.Unquote(quoted)
	if err != nil {
		return err
	}
	all := h.messages(address)
	if len(all) == 0 {
		return errors.New("there is no message")
	}
	if _, got := cutTrace(all[len(all)-1]); got != want {
		return fmt.Errorf("newest message is %q, want %q", got, want)
	}
	return nil
}

// attempt OUTCOME FAULT ACCOUNT SESSION: that is what was recorded last.
func (h *house) attempt(want string) error {
	a := h.attempts.last()
	account := a.Account
	if account == "" {
		account = "-"
	}
	if got := fmt.Sprintf("%s %s %s %s", a.Outcome, a.Fault, account, a.Session); got != want {
		return fmt.Errorf("recorded %q, want %q", got, want)
	}
	return nil
}

// messages returns what is in an INBOX, byte for byte.
func (h *house) messages(address string) []string {
	h.t.Helper()
	ctx := context.Background()
	to, err := h.directory.Resolve(ctx, address)
	h.must(err)
	view, err := h.store.Select(ctx, to.Inbox, true)
	h.must(err)
	defer view.Close()
	var uids []store.UID
	for _, e := range view.Snapshot().All() {
		uids = append(uids, e.UID)
	}
	var all []string
	for m, err := range view.Messages(ctx, uids, 0) {
		h.must(err)
		body, err := h.store.OpenBody(ctx, m.ID)
		h.must(err)
		text, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
		h.must(err)
		h.must(body.Close())
		all = append(all, string(text))
	}
	return all
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

// attempts keeps what was recorded.
type attempts struct {
	mu  sync.Mutex
	all []activity.Attempt
}

func (a *attempts) Record(one activity.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, one)
}

func (a *attempts) last() activity.Attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) == 0 {
		return activity.Attempt{}
	}
	return a.all[len(a.all)-1]
}
