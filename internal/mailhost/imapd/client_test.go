package imapd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"postern/internal/wire/imap"
)

// failer is what a test, a model check and a fuzz target have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// client is a session seen from its other end. It keeps the book that every
// IMAP client keeps: which UID has which sequence number, from untagged
// responses alone.
type client struct {
	net.Conn
	r    *imap.ResponseReader
	name string
	n    int
	uids []uint32 // by sequence number; 0 where it was not told yet
}

func newClient(t failer, h *host, name string) *client {
	t.Helper()
	conn, err := h.DialTLS("993")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c := &client{Conn: conn, name: name, r: imap.NewResponseReader(bufio.NewReader(conn), imap.DefaultResponseLimits)}
	if greeting := c.hear(t); greeting.Cond != imap.OK {
		t.Fatalf("%s: greeting is %q", name, greeting.Raw)
	}
	c.do(t, h.logIn())
	return c
}

func (c *client) hear(t failer) *imap.Response {
	t.Helper()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	r, err := c.r.Next()
	if err != nil {
		t.Fatalf("%s: %v after %q", c.name, err, r.Raw)
	}
	return r
}

// do gives a command and returns its answer, the tagged response last.
func (c *client) do(t failer, command string) []*imap.Response {
	t.Helper()
	c.n++
	tag := fmt.Sprintf("%s%d", c.name, c.n)
	if _, err := io.WriteString(c, tag+" "+command+"\r\n"); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	if strings.HasPrefix(command, "SELECT ") {
		c.uids = nil
	}
	var answer []*imap.Response
	for {
		r := c.hear(t)
		answer = append(answer, r)
		switch r.Tag {
		case tag:
			if r.Cond != imap.OK {
				t.Fatalf("%s: %s is answered with %s", c.name, command, r.Raw)
			}
			return answer
		case "+":
			if _, err := io.WriteString(c, "DONE\r\n"); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		default:
			c.note(t, command, r)
		}
	}
}

// note keeps the book, and finds responses that a client can't make sense of.
func (c *client) note(t failer, command string, r *imap.Response) {
	t.Helper()
	n := int(r.Number)
	switch r.Name {
	case "EXISTS":
		if n < len(c.uids) {
			t.Fatalf("%s: %s: %d EXISTS where %d were known", c.name, command, n, len(c.uids))
		}
		c.uids = append(c.uids, make([]uint32, n-len(c.uids))...)
	case "RECENT":
		if n > len(c.uids) {
			t.Fatalf("%s: %s: %d RECENT of %d", c.name, command, n, len(c.uids))
		}
	case "EXPUNGE":
		word, _, _ := strings.Cut(command, " ")
		if word == "FETCH" || word == "STORE" || word == "SEARCH" {
			t.Fatalf("%s: %s: EXPUNGE while sequence numbers must hold", c.name, command)
		}
		c.must(t, command, n)
		c.uids = slices.Delete(c.uids, n-1, n)
	case "FETCH":
		c.must(t, command, n)
		if uid := uidOf(r); uid != 0 {
			if known := c.uids[n-1]; known != 0 && known != uid {
				t.Fatalf("%s: %s: message %d has UID %d and then %d", c.name, command, n, known, uid)
			}
			c.uids[n-1] = uid
		}
	}
}

func (c *client) must(t failer, command string, n int) {
	t.Helper()
	if n < 1 || n > len(c.uids) {
		t.Fatalf("%s: %s: message %d of %d", c.name, command, n, len(c.uids))
	}
}

// ascend says whether the UIDs that are known stand in order.
func (c *client) ascend() bool {
	last := uint32(0)
	for _, uid := range c.uids {
		if uid != 0 && uid <= last {
			return false
		}
		last = max(last, uid)
	}
	return true
}

// item returns a data item of a FETCH response.
func item(r *imap.Response, name string) (imap.Value, bool) {
	if r.Name != "FETCH" || len(r.Data) != 1 {
		return imap.Value{}, false
	}
	list := r.Data[0].List
	for i := 0; i+1 < len(list); i += 2 {
		if list[i].Text == name {
			return list[i+1], true
		}
	}
	return imap.Value{}, false
}

func uidOf(r *imap.Response) (uid uint32) {
	if v, ok := item(r, "UID"); ok {
		fmt.Sscan(v.Text, &uid)
	}
	return uid
}

// flagsIn returns the flags of a FETCH response in order, \Recent left out: it
// belongs to a session, not to the message.
func flagsIn(r *imap.Response) string {
	v, _ := item(r, "FLAGS")
	var flags []string
	for _, f := range v.List {
		if f.Text != `\Recent` {
			flags = append(flags, f.Text)
		}
	}
	slices.Sort(flags)
	return strings.Join(flags, " ")
}

// GoString is how a session stands in the story of a failed check.
func (c *client) GoString() string { return c.name }
