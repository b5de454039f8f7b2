package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/imapd"
	"postern/internal/mailhost/login"
	"postern/internal/mailhost/store"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

const (
	hostname = "mail.example.com"
	password = "measure me"
)

func address(account int) string { return fmt.Sprintf("user%d@example.com", account) }

// forgetful keeps no attempts.
type forgetful struct{}

func (forgetful) Record(activity.Attempt) {}

// serve is the server's process: it says where it listens, and answers
// "collect" until its input ends.
func serve() error {
	dir, err := os.MkdirTemp("", "idlebench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer s.Close()
	d, err := populate(ctx, s)
	if err != nil {
		return err
	}
	l, err := listen(s, d, filepath.Join(dir, "ca.pem"))
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Println(l.Addr(), filepath.Join(dir, "ca.pem"))
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		_, profile, _ := strings.Cut(commands.Text(), " ")
		if err := collect(profile); err != nil {
			return err
		}
	}
	return commands.Err()
}

// populate makes the accounts and fills their mailboxes.
func populate(ctx context.Context, s *store.Store) (*directory.Directory, error) {
	d, err := directory.New(s, nil)
	if err != nil {
		return nil, err
	}
	if err := d.AddDomain(ctx, "example.com"); err != nil {
		return nil, err
	}
	for i := range *accounts {
		account, err := d.AddAccount(ctx, address(i), secret.New(password))
		if err != nil {
			return nil, err
		}
		if err := fill(ctx, s, account); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// fill delivers one body as often as INBOX shall have messages.
func fill(ctx context.Context, s *store.Store, account directory.Account) error {
	inbox, err := s.MailboxByName(ctx, account.ID, store.Inbox)
	if err != nil || *messages == 0 {
		return err
	}
	staging, err := s.Stage(ctx)
	if err != nil {
		return err
	}
	defer staging.Discard()
	fmt.Fprintf(staging, "From: bench@example.com\r\nSubject: one of many\r\n\r\nHello.\r\n")
	body, err := staging.Finish()
	if err != nil {
		return err
	}
	defer body.Discard()
	to := make([]store.Delivery, *messages)
	for i := range to {
		to[i].Mailbox = inbox.ID
	}
	_, err = s.Deliver(ctx, store.Bulk, body, to)
	return err
}

// listen opens a port for IMAP over TLS, and writes the certificate authority
// that clients must trust.
func listen(s *store.Store, d *directory.Directory, caFile string) (net.Listener, error) {
	ca, err := pki.NewCA("idlebench", time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
	if err != nil {
		return nil, err
	}
	cert, err := ca.Issue(pki.Leaf{Names: []string{hostname}})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(caFile, ca.PEM(), 0o600); err != nil {
		return nil, err
	}
	settings := &config.Config{
		Limits: config.Limits{Connections: 1 << 20, ConnectionsPerAddress: 1 << 20},
		Guard:  config.Guard{Window: time.Hour, SlowAfter: 1000, Address: 1000, Network: 1000, Account: 1000, RefuseFor: time.Hour},
	}
	g := guard.New(func() *config.Config { return settings })
	port := door.Port{Number: 993, Protocol: ports.IMAP, Security: ports.TLS, Role: ports.Access}
	server := imapd.New(imapd.Options{
		Store: s, Login: login.New(g, d, forgetful{}), Hostname: hostname, MessageSize: 1 << 20,
	})
	doors := door.NewServer(door.Options{
		Ports:       []door.Port{port},
		Protocols:   map[ports.Protocol]door.Protocol{ports.IMAP: server},
		Certificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil },
		Gate:        g,
		Record:      forgetful{},
		Logger:      slog.New(slog.DiscardHandler),
		Metrics:     prometheus.NewRegistry(),
		Rand:        rand.Reader,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go doors.Serve(l, port)
	return l, nil
}

// collect gives back all that is free and says in KiB what is in use.
func collect(profile string) error {
	runtime.GC()
	runtime.GC()
	debug.FreeOSMemory()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.WriteHeapProfile(f); err != nil {
			return err
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println(m.HeapInuse>>10, m.StackInuse>>10)
	return nil
}
