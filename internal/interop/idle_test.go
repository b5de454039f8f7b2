package interop

import (
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Two sessions on one mailbox: what one does, the other hears in IDLE.
func TestIdleBetweenSessions(t *testing.T) {
	h := serve(t)
	bob := h.account("bob")
	heard := make(chan string, 16)
	listener := h.open(bob, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				heard <- "exists " + string(rune('0'+*data.NumMessages))
			}
		},
		Expunge: func(seq uint32) { heard <- "expunge " + string(rune('0'+seq)) },
		Fetch: func(m *imapclient.FetchMessageData) {
			buf, err := m.Collect()
			if err == nil && len(buf.Flags) > 0 {
				heard <- "flags " + string(buf.Flags[0])
			}
		},
	}})
	if _, err := listener.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	idle, err := listener.Idle()
	if err != nil {
		t.Fatal(err)
	}
	hear := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-heard:
				if got == want {
					return
				}
				t.Logf("heard %s", got)
			case <-time.After(20 * time.Second):
				t.Fatalf("nothing heard of %q", want)
			}
		}
	}

	h.deliver(bob, sample("one"))
	hear("exists 1")
	actor := h.open(bob, nil)
	if _, err := actor.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	flag := func(f imap.Flag) {
		if err := actor.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsSet, Flags: []imap.Flag{f}}, nil).Close(); err != nil {
			t.Fatal(err)
		}
	}
	flag(imap.FlagFlagged)
	hear(`flags \Flagged`)
	h.deliver(bob, sample("two"))
	hear("exists 2")
	flag(imap.FlagDeleted)
	hear(`flags \Deleted`)
	if err := actor.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	hear("expunge 1")

	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
	if err := idle.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := listener.Mailbox().NumMessages; n != 1 {
		t.Errorf("the listening session knows of %d messages, want 1", n)
	}
	for _, c := range []*imapclient.Client{listener, actor} {
		if err := c.Logout().Wait(); err != nil {
			t.Error(err)
		}
	}
}
