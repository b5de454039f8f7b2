package store_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/store"
	"postern/internal/secret"
)

var makeSample = flag.Bool("make-sample", false, "write the sample of the current format to testdata, if there is none")

// samples are data directories as each format left them. One is written once,
// when its format is new, and never again.
const samples = "testdata/format"

// TestEveryFormatOpens opens a copy of every sample. What is in it must be
// what was put there, and it must be usable.
func TestEveryFormatOpens(t *testing.T) {
	const current = 1
	for n := 1; n <= current; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			sample := fmt.Sprint(samples, n)
			if _, err := os.Stat(sample); os.IsNotExist(err) && *makeSample && n == current {
				fillSample(t, sample)
			}
			if err := os.CopyFS(dir, os.DirFS(sample)); err != nil {
				t.Fatal(err)
			}
			s := open(t, store.Options{Dir: dir})
			want, err := os.ReadFile("testdata/format.golden")
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(t, s); got != string(want) {
				t.Errorf("the sample holds\n%s\nwant\n%s", got, want)
			}
			inbox, err := s.MailboxByName(t.Context(), 1, "INBOX")
			if err != nil {
				t.Fatal(err)
			}
			placed := deliver(t, s, inbox.ID, testMessage(9, 500))
			if text(t, s, placed.Message) != testMessage(9, 500) || placed.UID != inbox.UIDNext {
				t.Errorf("a new message came to lie at %+v", placed)
			}
		})
	}
}

// TestLaterFormatIsRefused covers a data directory that a later version wrote.
func TestLaterFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	err := s.Apply(t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec("update format set version = 1000")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), store.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "it has format 1000") {
		t.Errorf("opening it: %v", err)
	}
}

// fillSample makes a data directory with something of everything.
func fillSample(t *testing.T, dir string) {
	s := open(t, store.Options{Dir: dir, Keep: 200 * 365 * 24 * time.Hour}) // a sample must not age
	ctx := t.Context()
	d, err := directory.New(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.AddDomain(ctx, "example.com"))
	for _, name := range []string{"alice", "bob", "gone"} {
		_, err := d.AddAccount(ctx, name+"@example.com", secret.New(name+"'s password"))
		must(err)
	}
	must(d.AddAlias(ctx, "info@example.com", "alice@example.com"))
	must(d.RemoveAccount(ctx, "gone@example.com"))
	w := &world{s: s, account: 1}
	for _, st := range []step{
		deliverStep("INBOX", testMessage(1, 700), `\Seen $Work`),
		deliverStep("INBOX", testMessage(2, 700), `\Deleted`),
		deliverStep("INBOX", large(3), `$Later \Flagged`),
		deliverStep("INBOX", testMessage(4, 700), ""),
		copyStep("INBOX", []store.UID{1, 3}, "Archive", false),
		copyStep("INBOX", []store.UID{4}, "Trash", true),
		expungeStep("INBOX", nil, true),
		createStep("Projects/Postern"),
		createStep("Old"),
		deliverStep("Old", testMessage(5, 700), ""),
		deleteStep("Old"),
	} {
		_, err := st.store(w)
		must(err)
	}
	must(s.Subscribe(ctx, 1, "Old", true))
	must(s.Apply(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec("insert into ban (subject, reason, since, until) values ('192.0.2.0/24', 'by hand', 1, 2)")
		return err
	}))
	must(s.Close())
	must(os.Remove(filepath.Join(dir, "lock")))
}

// describe lists all that a data directory holds but times and passwords.
func describe(t *testing.T, s *store.Store) string {
	t.Helper()
	var b strings.Builder
	d, err := directory.New(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := d.Accounts(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		_, err := d.Authenticate(t.Context(), a.Address, secret.New(strings.Split(a.Address, "@")[0]+"'s password"))
		fmt.Fprintf(&b, "account %d %s, password fits: %v\n", a.ID, a.Address, err == nil)
		m, err := observe(&world{s: s, account: a.ID})
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(m.String())
		boxes, err := s.Mailboxes(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range boxes {
			if m.Created.Before(time.Unix(1e9, 0)) || m.UIDValidity == 0 {
				t.Errorf("%+v", m)
			}
			fmt.Fprintf(&b, "mailbox %d %s %s\n", m.ID, m.Name, m.SpecialUse)
		}
		names, err := s.Subscriptions(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "subscribed to %s\n\n", strings.Join(names, ", "))
	}
	alias, err := d.Resolve(t.Context(), "info@example.com")
	if err != nil {
		t.Error(err)
	}
	fmt.Fprintf(&b, "info@example.com is account %d\n", alias.Account)
	for _, table := range []string{"expunged", "removed", "ban"} {
		var n int
		err := s.Read(t.Context(), func(tx *store.ReadTx) error {
			_, err := tx.Get("select count(*) from "+table, nil, &n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s: %d\n", table, n)
	}
	return b.String()
}
