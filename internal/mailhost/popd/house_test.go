package popd_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
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
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/popd"
	"postern/internal/mailhost/store"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

const (
	hostname = "mail.example.com"
	alice    = "alice@example.com"
	bob      = "bob@example.com"
)

// portsOpen has one port of each security, by its number.
var portsOpen = map[string]door.Port{
	"110": {Number: 110, Protocol: ports.POP3, Security: ports.StartTLS, Role: ports.Access},
	"995": {Number: 995, Protocol: ports.POP3, Security: ports.TLS, Role: ports.Access},
	"109": {Number: 109, Protocol: ports.POP3, Security: ports.None, Role: ports.Access},
}

// house is a mail host with nothing but POP3: real store, directory, guard and
// door. alice and bob live in it.
type house struct {
	t         testing.TB
	store     *store.Store
	directory *directory.Directory
	door      *door.Server
	attempts  attempts
	tls       *tls.Config
	password  string
	opening   sync.Once
	addresses map[string]string // of the ports, once they are open
	listeners []net.Listener
	serving   sync.WaitGroup
	stopping  sync.Once
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, password: artifacts.Password(t) + " with spaces ", addresses: map[string]string{}}
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
	settings.Guard = config.Guard{Window: time.Hour, SlowAfter: 1000, Address: 1000, Network: 1000, Account: 1000, RefuseFor: time.Minute}
	current := func() *config.Config { return &settings }
	gate := guard.New(current)
	ca, err := pki.NewCA("test CA", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	h.must(err)
	cert, err := ca.Issue(pki.Leaf{Names: []string{hostname}})
	h.must(err)
	h.tls = &tls.Config{RootCAs: ca.Pool(), ServerName: hostname}
	h.door = door.NewServer(door.Options{
		Ports: []door.Port{portsOpen["110"], portsOpen["995"]},
		Protocols: map[ports.Protocol]door.Protocol{ports.POP3: popd.New(popd.Options{
			Config: current, Store: h.store, Login: login.New(gate, h.directory, &h.attempts),
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
		for _, l := range h.listeners {
			l.Close()
		}
		h.serving.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		h.door.Stop(ctx)
	})
}

// dial connects to the port that is called so, wherever it really is.
func (h *house) dial(name string) (net.Conn, error) {
	h.opening.Do(func() {
		for name, port := range portsOpen {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			h.must(err)
			h.addresses[name] = l.Addr().String()
			h.listeners = append(h.listeners, l)
			h.serving.Go(func() { h.door.Serve(l, port) })
		}
	})
	return net.Dial("tcp", h.addresses[name])
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// stage is for dialogues. Its steps look behind the scene.
func (h *house) stage() dialogue.Stage {
	return dialogue.Stage{
		Dial: h.dial,
		TLS:  h.tls,
		Vars: map[string]string{
			"password": h.password,
			"plain":    base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00" + h.password)),
			"wrong":    base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00not-" + h.password)),
			"as-bob":   base64.StdEncoding.EncodeToString([]byte(bob + "\x00" + alice + "\x00" + h.password)),
			"long":     strings.Repeat("x", 2000),
		},
		Steps: map[string]func(string) error{
			"deliver":  h.deliver,
			"expunge":  h.expunge,
			"holds":    h.holds,
			"attempt":  h.attempt,
			"attempts": h.attempts.count,
			"stop":     func(string) error { go h.stop(); return nil },
		},
	}
}

func (h *house) inbox(address string) store.MailboxID {
	to, err := h.directory.Resolve(context.Background(), address)
	h.must(err)
	return to.Inbox
}

// deliver ADDRESS "TEXT": a message arrives.
func (h *house) deliver(arguments string) error {
	address, quoted, _ := strings.Cut(arguments, " ")
	text, err := strconv.Unquote(quoted)
	if err != nil {
		return err
	}
	ctx := context.Background()
	staging, err := h.store.Stage(ctx)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(staging, text); err != nil {
		return err
	}
	body, err := staging.Finish()
	if err != nil {
		return err
	}
	defer body.Discard()
	_, err = h.store.Deliver(ctx, store.Bulk, body, []store.Delivery{{Mailbox: h.inbox(address)}})
	return err
}

// expunge ADDRESS UID: another program removes a message for good.
func (h *house) expunge(arguments string) error {
	var address string
	var uid store.UID
	if _, err := fmt.Sscan(arguments, &address, &uid); err != nil {
		return err
	}
	_, err := h.store.Expunge(context.Background(), h.inbox(address), []store.UID{uid}, false)
	return err
}

// holds ADDRESS N: there are so many messages in the INBOX.
func (h *house) holds(arguments string) error {
	address, want, _ := strings.Cut(arguments, " ")
	status, err := h.store.MailboxStatus(context.Background(), h.inbox(address))
	if err == nil && strconv.Itoa(status.Messages) != want {
		err = fmt.Errorf("%s holds %d messages, want %s", address, status.Messages, want)
	}
	return err
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

// count N: so many were recorded.
func (a *attempts) count(want string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strconv.Itoa(len(a.all)) != want {
		return fmt.Errorf("recorded %d attempts, want %s", len(a.all), want)
	}
	return nil
}

func (a *attempts) last() activity.Attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) == 0 {
		return activity.Attempt{}
	}
	return a.all[len(a.all)-1]
}
