package imapd

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// peer logs alice in with an IMAP client that is not ours.
func peer(t *testing.T, h *host, hear *imapclient.UnilateralDataHandler) *imapclient.Client {
	t.Helper()
	address, err := h.Address("143")
	if err != nil {
		t.Fatal(err)
	}
	c, err := imapclient.DialStartTLS(address, &imapclient.Options{TLSConfig: h.TLS, UnilateralDataHandler: hear})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(alice, h.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPeerReads lets go-imap's client read a message with parts: its parser
// must find in our responses what is in the message.
func TestPeerReads(t *testing.T) {
	h := newHost(t)
	message, err := letter("report.eml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.deliver(t.Context(), "INBOX", message); err != nil {
		t.Fatal(err)
	}
	c := peer(t, h, nil)
	selected, err := c.Select("INBOX", nil).Wait()
	if err != nil || selected.NumMessages != 1 || selected.UIDNext != 2 || selected.UIDValidity == 0 {
		t.Fatalf("SELECT: %+v, %v", selected, err)
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	got, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{
		UID: true, Flags: true, Envelope: true, InternalDate: true, RFC822Size: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
		BodySection:   []*imap.FetchItemBodySection{whole},
	}).Collect()
	if err != nil || len(got) != 1 {
		t.Fatalf("FETCH: %+v, %v", got, err)
	}
	m := got[0]
	if string(m.FindBodySection(whole)) != message {
		t.Errorf("BODY[] is %q, want %q", m.FindBodySection(whole), message)
	}
	if m.UID != 1 || m.RFC822Size != int64(len(message)) || m.InternalDate.IsZero() {
		t.Errorf("UID %d, size %d, date %v", m.UID, m.RFC822Size, m.InternalDate)
	}
	e := m.Envelope
	if e.Subject != "Jahresübersicht" || e.From[0].Name != "Jürgen" || e.From[0].Addr() != "j@example.org" || e.MessageID != "report@example.org" {
		t.Errorf("ENVELOPE: %+v", e)
	}
	var types []string
	m.BodyStructure.Walk(func(path []int, part imap.BodyStructure) bool {
		types = append(types, fmt.Sprintf("%v %s", path, part.MediaType()))
		return true
	})
	want := []string{
		"[] multipart/mixed", "[1] text/plain", "[2] message/rfc822", "[3] application/octet-stream",
	}
	if !slices.Equal(types, want) {
		t.Errorf("BODYSTRUCTURE: %q, want %q", types, want)
	}
}

// TestPeerWrites lets go-imap's client change everything that can be changed.
func TestPeerWrites(t *testing.T) {
	h := newHost(t)
	c := peer(t, h, nil)
	do := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	do("CREATE", c.Create("Bücher/2024", nil).Wait())
	do("SUBSCRIBE", c.Subscribe("Bücher/2024").Wait())
	do("RENAME", c.Rename("Bücher/2024", "Bücher & mehr", nil).Wait())
	list, err := c.List("", "*", nil).Collect()
	do("LIST", err)
	var names []string
	for _, l := range list {
		names = append(names, l.Mailbox)
	}
	if want := []string{"INBOX", "Archive", "Bücher", "Bücher & mehr", "Drafts", "Junk", "Sent", "Trash"}; !slices.Equal(names, want) {
		t.Errorf("LIST: %q, want %q", names, want)
	}

	text := []byte("Subject: from outside\r\n\r\nHello.\r\n")
	appending := c.Append("Bücher & mehr", int64(len(text)), &imap.AppendOptions{
		Flags: []imap.Flag{imap.FlagSeen, "$Label"}, Time: time.Unix(1700000000, 0),
	})
	_, err = appending.Write(text)
	do("APPEND", err)
	do("APPEND", appending.Close())
	placed, err := appending.Wait()
	do("APPEND", err)
	if placed.UID != 1 || placed.UIDValidity == 0 {
		t.Errorf("APPENDUID: %+v", placed)
	}

	_, err = c.Select("Bücher & mehr", nil).Wait()
	do("SELECT", err)
	copied, err := c.Copy(imap.UIDSetNum(1), "Archive").Wait()
	do("COPY", err)
	if copied.SourceUIDs.String() != "1" || copied.DestUIDs.String() != "1" {
		t.Errorf("COPYUID: %+v", copied)
	}
	flags, err := c.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}, nil).Collect()
	do("STORE", err)
	if len(flags) != 1 || !slices.Contains(flags[0].Flags, imap.FlagFlagged) || !slices.Contains(flags[0].Flags, "$Label") {
		t.Errorf("STORE: %+v", flags)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{
		Flag: []imap.Flag{imap.FlagFlagged}, Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "outside"}},
		Since: time.Date(2023, 11, 14, 0, 0, 0, 0, time.UTC), Before: time.Date(2023, 11, 15, 0, 0, 0, 0, time.UTC),
	}, nil).Wait()
	do("SEARCH", err)
	if !slices.Equal(found.AllUIDs(), []imap.UID{1}) {
		t.Errorf("SEARCH: %v", found.AllUIDs())
	}
	moved, err := c.Move(imap.SeqSetNum(1), "Trash").Wait()
	do("MOVE", err)
	if moved.DestUIDs == nil || c.Mailbox().NumMessages != 0 {
		t.Errorf("MOVE: %+v, %d messages left", moved, c.Mailbox().NumMessages)
	}
	do("UNSELECT", c.Unselect().Wait())
	status, err := c.Status("Trash", &imap.StatusOptions{NumMessages: true, UIDNext: true}).Wait()
	do("STATUS", err)
	if *status.NumMessages != 1 || status.UIDNext != 2 {
		t.Errorf("STATUS: %+v", status)
	}
	do("LOGOUT", c.Logout().Wait())
}

// TestPeerIdles lets one session of go-imap's client hear in IDLE what another
// one does.
func TestPeerIdles(t *testing.T) {
	h := newHost(t)
	exists, expunged, flagged := make(chan uint32, 10), make(chan uint32, 10), make(chan []imap.Flag, 10)
	watching := peer(t, h, &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				exists <- *d.NumMessages
			}
		},
		Expunge: func(seq uint32) { expunged <- seq },
		Fetch: func(m *imapclient.FetchMessageData) {
			if got, err := m.Collect(); err == nil {
				flagged <- got.Flags
			}
		},
	})
	if _, err := watching.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	for len(exists) > 0 {
		<-exists // what SELECT said
	}
	idle, err := watching.Idle()
	if err != nil {
		t.Fatal(err)
	}
	acting := peer(t, h, nil)
	if _, err := h.deliver(t.Context(), "INBOX", "Subject: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if n := await(t, exists); n != 1 {
		t.Errorf("heard of %d messages, want 1", n)
	}
	if _, err := acting.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := acting.Store(imap.SeqSetNum(1), deleted, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if got := await(t, flagged); !slices.Contains(got, imap.FlagDeleted) {
		t.Errorf("heard of flags %v", got)
	}
	if err := acting.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	if seq := await(t, expunged); seq != 1 {
		t.Errorf("heard EXPUNGE of %d, want 1", seq)
	}
	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
	if err := idle.Wait(); err != nil {
		t.Fatal(err)
	}
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("heard nothing")
		panic("unreachable")
	}
}

// TestPythonReadsAndWrites lets Python's imaplib, with its own idea of the
// grammar, walk through a session.
func TestPythonReadsAndWrites(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	h := newHost(t)
	address, err := h.Address("143")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/peer.py", port, alice, h.Password)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
