package interop

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"
)

// twoWay puts 200 messages on both sides, changes things on both sides, and
// checks after each synchronisation that both have the same.
func (h *host) twoWay(a account, local replica, sync func()) {
	h.t.Helper()
	var fromServer []string
	for i := range 100 {
		fromServer = append(fromServer, sample(fmt.Sprintf("server-%03d", i)))
	}
	h.deliver(a, fromServer...)
	for i := range 100 {
		local.add(h.t, "INBOX", lf(sample(fmt.Sprintf("local-%03d", i))))
	}
	local.add(h.t, "Lists", lf(sample("in-a-new-mailbox")))
	sync()
	before := h.converged(a, local)
	if n := len(before["INBOX"]); n != 200 {
		h.t.Fatalf("INBOX has %d messages after the first synchronisation, want 200", n)
	}
	if n := len(before["Lists"]); n != 1 {
		h.t.Fatalf("the mailbox made locally has %d messages, want 1", n)
	}

	local.setFlags(h.t, "INBOX", "server-000", "S")
	local.setFlags(h.t, "INBOX", "local-000", "FS")
	local.remove(h.t, "INBOX", "server-001")
	local.remove(h.t, "INBOX", "local-001")
	local.add(h.t, "INBOX", lf(sample("local-new")))
	h.change(a)
	h.deliver(a, sample("server-new"))
	sync()
	sync() // some programs take two runs to bring everything over
	after := h.converged(a, local)
	for subject, want := range map[string]string{
		"server-000": `\Seen`, "local-000": `\Flagged \Seen`, "server-002": `\Answered`, "local-002": `\Flagged`,
		"server-001": "gone", "local-001": "gone", "server-003": "gone", "server-004": "gone",
		"local-new": "", "server-new": "", "local-099": "",
	} {
		if got := after["INBOX"].flagsOf(subject); got != want {
			h.t.Errorf("INBOX: %s has flags %q, want %q", subject, got, want)
		}
	}
	if got := after["Archive"].flagsOf("server-004"); got != "" {
		h.t.Errorf("Archive: the moved message has flags %q, want none", got)
	}
}

// change is what another mail program does to the account meanwhile.
func (h *host) change(a account) {
	h.t.Helper()
	c := h.open(a, nil)
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		h.t.Fatal(err)
	}
	uid := func(subject string) imap.UIDSet {
		found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: subject}}}, nil).Wait()
		if err != nil || len(found.AllUIDs()) != 1 {
			h.t.Fatalf("search for %s: %v, %v", subject, found, err)
		}
		return imap.UIDSetNum(found.AllUIDs()...)
	}
	flag := func(subject string, flag imap.Flag) {
		if err := c.Store(uid(subject), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag}}, nil).Close(); err != nil {
			h.t.Fatal(err)
		}
	}
	flag("server-002", imap.FlagAnswered)
	flag("local-002", imap.FlagFlagged)
	flag("server-003", imap.FlagDeleted)
	if err := c.Expunge().Close(); err != nil {
		h.t.Fatal(err)
	}
	if _, err := c.Move(uid("server-004"), "Archive").Wait(); err != nil {
		h.t.Fatal(err)
	}
	if err := c.Logout().Wait(); err != nil {
		h.t.Fatal(err)
	}
}

// contents is what a mailbox holds: flags by message, which is told by its
// subject and digest.
type contents map[string]string

// added matches what these programs put into the header of a message that they
// bring to the server, to know it again.
var added = regexp.MustCompile(`(?m)^(X-TUID|X-OfflineIMAP): .*\n`)

func (c contents) add(message string, flags []imap.Flag) {
	message = added.ReplaceAllString(lf(message), "")
	_, subject, _ := strings.Cut(message, "\nSubject: ")
	subject, _, _ = strings.Cut(subject, " ")
	var names []string
	for _, f := range flags {
		if f != `\Recent` {
			names = append(names, string(f))
		}
	}
	slices.Sort(names)
	c[fmt.Sprintf("%s %.8x", subject, sha256.Sum256([]byte(message)))] = strings.Join(names, " ")
}

// flagsOf returns the flags of the message with that subject, or "gone".
func (c contents) flagsOf(subject string) string {
	for m, flags := range c {
		if strings.HasPrefix(m, subject+" ") {
			return flags
		}
	}
	return "gone"
}

// converged checks that server and replica have the same, and returns it.
func (h *host) converged(a account, local replica) map[string]contents {
	h.t.Helper()
	c := h.open(a, nil)
	list, err := c.List("", "*", nil).Collect()
	if err != nil {
		h.t.Fatal(err)
	}
	remote := make(map[string]contents)
	for _, mailbox := range list {
		remote[mailbox.Mailbox] = contents{}
		for _, m := range h.mailbox(a, mailbox.Mailbox) {
			remote[mailbox.Mailbox].add(m.raw, m.flags)
		}
	}
	if err := c.Logout().Wait(); err != nil {
		h.t.Fatal(err)
	}
	if diff := cmp.Diff(remote, local.contents(h.t)); diff != "" {
		h.t.Fatalf("the two sides differ (-server +local):\n%s", diff)
	}
	return remote
}

// A replica is a directory with one Maildir per mailbox.
type replica string

func (r replica) add(t testing.TB, mailbox, message string) {
	t.Helper()
	dir := makeMaildir(t, filepath.Join(string(r), mailbox))
	name := fmt.Sprintf("%d.test", len(maildir(t, dir))+1000)
	if err := os.WriteFile(filepath.Join(dir, "new", name), []byte(message), 0o600); err != nil {
		t.Fatal(err)
	}
}

// find returns the file of the message with that subject.
func (r replica) find(t testing.TB, mailbox, subject string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(string(r), mailbox, "[cn][ue][rw]", "*"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "\nSubject: "+subject+" ") {
			return file
		}
	}
	t.Fatalf("no message %s in %s", subject, mailbox)
	return ""
}

// setFlags sets the flags, which are Maildir's letters.
func (r replica) setFlags(t testing.TB, mailbox, subject, flags string) {
	t.Helper()
	file := r.find(t, mailbox, subject)
	base, _, _ := strings.Cut(filepath.Base(file), ":2,")
	if err := os.Rename(file, filepath.Join(string(r), mailbox, "cur", base+":2,"+flags)); err != nil {
		t.Fatal(err)
	}
}

func (r replica) remove(t testing.TB, mailbox, subject string) {
	t.Helper()
	if err := os.Remove(r.find(t, mailbox, subject)); err != nil {
		t.Fatal(err)
	}
}

var maildirFlags = map[rune]imap.Flag{'S': imap.FlagSeen, 'F': imap.FlagFlagged, 'R': imap.FlagAnswered, 'D': imap.FlagDraft, 'T': imap.FlagDeleted}

func (r replica) contents(t testing.TB) map[string]contents {
	t.Helper()
	boxes, err := filepath.Glob(filepath.Join(string(r), "*", "cur"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]contents)
	for _, cur := range boxes {
		mailbox := contents{}
		all[filepath.Base(filepath.Dir(cur))] = mailbox
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(cur), "[cn][ue][rw]", "*"))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var flags []imap.Flag
			if _, letters, ok := strings.Cut(filepath.Base(file), ":2,"); ok {
				for _, letter := range letters {
					flags = append(flags, maildirFlags[letter])
				}
			}
			mailbox.add(string(data), flags)
		}
	}
	return all
}
