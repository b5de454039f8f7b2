package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"postern/internal/mailhost/store"
)

// open opens a store for a test, which is closed in the end.
func open(t testing.TB, opt store.Options) *store.Store {
	t.Helper()
	if opt.Dir == "" {
		opt.Dir = t.TempDir()
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s, err := store.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newAccount makes an account with mailboxes of these names.
func newAccount(t testing.TB, s *store.Store, names ...string) (store.AccountID, []store.MailboxID) {
	t.Helper()
	var account store.AccountID
	var ids []store.MailboxID
	err := s.Apply(context.Background(), store.Interactive, func(tx *store.Tx) (err error) {
		ids = nil
		if account, err = tx.NewAccount(); err != nil {
			return err
		}
		for _, name := range names {
			id, err := tx.CreateMailbox(account, name, "")
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return account, ids
}

// testMessage is a message of about size bytes that is like no other.
func testMessage(n, size int) string {
	head := fmt.Sprintf("From: <a@example.com>\r\nTo: <b@example.com>\r\nSubject: number %d\r\n\r\n", n)
	line := fmt.Sprintf("this is a line of message %d and of no other\r\n", n)
	if size <= len(head) {
		return head
	}
	return head + strings.Repeat(line, (size-len(head))/len(line)+1)
}

// stage stages text. The body is discarded when the test ends.
func stage(t testing.TB, s *store.Store, text string) *store.Body {
	t.Helper()
	g, err := s.Stage(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Discard()
	if _, err := io.WriteString(g, text); err != nil {
		t.Fatal(err)
	}
	b, err := g.Finish()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Discard)
	return b
}

// deliver puts text into a mailbox.
func deliver(t testing.TB, s *store.Store, to store.MailboxID, text string) store.Placed {
	t.Helper()
	body := stage(t, s, text)
	defer body.Discard()
	placed, err := s.Deliver(context.Background(), store.Interactive, body, []store.Delivery{{Mailbox: to}})
	if err != nil {
		t.Fatal(err)
	}
	return placed[0]
}

// text reads a message back.
func text(t testing.TB, s *store.Store, id store.MessageID) string {
	t.Helper()
	got, err := readAll(s, id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func readAll(s *store.Store, id store.MessageID) (string, error) {
	b, err := s.OpenBody(context.Background(), id)
	if err != nil {
		return "", err
	}
	defer b.Close()
	var buf bytes.Buffer
	_, err = io.Copy(&buf, io.NewSectionReader(b, 0, b.Size()))
	return buf.String(), err
}

func selectMailbox(t testing.TB, s *store.Store, id store.MailboxID) *store.View {
	t.Helper()
	v, err := s.Select(context.Background(), id, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func TestDeliveredBytesComeBack(t *testing.T) {
	dir := t.TempDir()
	want := map[store.MessageID]string{}
	func() {
		s := open(t, store.Options{Dir: dir})
		_, boxes := newAccount(t, s, "INBOX")
		for i, size := range []int{0, 1, 10 << 10, 128 << 10, 200 << 10, 3 << 20} {
			msg := testMessage(i, size)
			want[deliver(t, s, boxes[0], msg).Message] = msg
		}
		for id, msg := range want {
			if got := text(t, s, id); got != msg {
				t.Errorf("message %d: %d bytes came back instead of %d", id, len(got), len(msg))
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	s := open(t, store.Options{Dir: dir})
	for id, msg := range want {
		if got := text(t, s, id); got != msg {
			t.Errorf("after reopening, message %d: %d bytes came back instead of %d", id, len(got), len(msg))
		}
	}
}

func TestOneBodyManyRecipients(t *testing.T) {
	s := open(t, store.Options{})
	_, a := newAccount(t, s, "INBOX", "Copy")
	_, b := newAccount(t, s, "INBOX")
	body := stage(t, s, testMessage(1, 1000))
	placed, err := s.Deliver(t.Context(), store.Bulk, body, []store.Delivery{{Mailbox: a[0]}, {Mailbox: a[1]}, {Mailbox: b[0]}})
	if err != nil {
		t.Fatal(err)
	}
	if placed[0].Message != placed[1].Message {
		t.Error("one account has two messages of one delivery")
	}
	if placed[0].Message == placed[2].Message {
		t.Error("two accounts share a message id")
	}
	if text(t, s, placed[0].Message) != text(t, s, placed[2].Message) {
		t.Error("recipients got different bytes")
	}
}

func TestDeliverIsAllOrNothing(t *testing.T) {
	s := open(t, store.Options{})
	_, a := newAccount(t, s, "INBOX")
	v := selectMailbox(t, s, a[0])
	body := stage(t, s, testMessage(1, 1000))
	_, err := s.Deliver(t.Context(), store.Bulk, body, []store.Delivery{{Mailbox: a[0]}, {Mailbox: 4711}})
	if !errors.Is(err, store.ErrNoMailbox) {
		t.Fatalf("delivery to a mailbox that is not there: %v", err)
	}
	if c, err := v.Advance(true); err != nil || !c.Empty() {
		t.Errorf("the other mailbox saw %+v, %v", c, err)
	}
	if _, err := s.Deliver(t.Context(), store.Bulk, body, []store.Delivery{{Mailbox: a[0]}}); err != nil {
		t.Errorf("the same body cannot be delivered afterwards: %v", err)
	}
}

func TestSecondOwnerIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, store.Options{Dir: dir})
	if s, err := store.Open(t.Context(), store.Options{Dir: dir}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("two owners of one directory: %v, %v", s, err)
	}
}

// TestOthersCannotRead covers the modes of what the store makes.
func TestOthersCannotRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, store.Options{Dir: dir})
	_, boxes := newAccount(t, s, "INBOX")
	deliver(t, s, boxes[0], testMessage(1, 100))
	seen := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		seen++
		return err
	})
	if err != nil || seen < 6 {
		t.Errorf("%d files, %v", seen, err)
	}
}
