package imapd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/internal/wire/imap"
)

// mailbox is what is true: the flags of each message that is there, by UID.
type mailbox map[uint32]map[string]bool

func (m mailbox) flags(uid uint32) string {
	return strings.Join(slices.Sorted(maps.Keys(m[uid])), " ")
}

// play is three sessions on one mailbox, and what is true of it.
type play struct {
	host     *host
	name     string
	truth    mailbox
	sessions []*client
}

// TestSessionsAgree lets sessions change one mailbox in turns, each with the
// view that it was left with, and checks that what each was told adds up.
func TestSessionsAgree(t *testing.T) {
	h := newHost(t)
	sessions := []*client{newClient(t, h, "A"), newClient(t, h, "B"), newClient(t, h, "C")}
	for _, c := range sessions {
		defer c.Close()
	}
	checks := 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		p := &play{host: h, name: fmt.Sprintf("play%d", checks), truth: mailbox{}, sessions: sessions}
		sessions[0].do(t, "CREATE "+p.name)
		for range 3 {
			p.deliver(t)
		}
		for _, c := range sessions {
			c.do(t, "SELECT "+p.name)
		}
		t.Repeat(map[string]func(*rapid.T){
			"deliver":     p.deliver,
			"store":       p.store,
			"expunge":     p.expunge,
			"uid expunge": p.uidExpunge,
			"copy":        p.copy,
			"move":        p.move,
			"fetch":       p.fetch,
			"search":      p.search,
			"look":        p.look,
			"agree":       p.agree,
			"":            p.inOrder,
		})
		p.agree(t)
	})
}

func (p *play) any(t *rapid.T) *client { return rapid.SampledFrom(p.sessions).Draw(t, "session") }

// message picks a message that a session sees, and finds out its UID.
func (p *play) message(t *rapid.T) (c *client, seq int, uid uint32) {
	c = p.any(t)
	if len(c.uids) == 0 {
		t.Skip("no message")
	}
	seq = rapid.IntRange(1, len(c.uids)).Draw(t, "seq")
	if c.uids[seq-1] == 0 {
		c.do(t, "FETCH 1:* UID")
	}
	return c, seq, c.uids[seq-1]
}

func (p *play) inOrder(t *rapid.T) {
	for _, c := range p.sessions {
		if !c.ascend() {
			t.Fatalf("%s: UIDs out of order: %v", c.name, c.uids)
		}
	}
}

func (p *play) deliver(t *rapid.T) {
	placed, err := p.host.deliver(t.Context(), p.name, "Subject: x\r\n\r\ntext\r\n")
	if err != nil {
		t.Fatal(err)
	}
	p.truth[uint32(placed.UID)] = map[string]bool{}
}

func (p *play) store(t *rapid.T) {
	c, seq, uid := p.message(t)
	flag := rapid.SampledFrom([]string{`\Deleted`, `\Seen`, `$Work`}).Draw(t, "flag")
	op := rapid.SampledFrom([]string{"+FLAGS", "-FLAGS", "FLAGS"}).Draw(t, "op")
	silent := rapid.SampledFrom([]string{"", ".SILENT"}).Draw(t, "silent")
	set := fmt.Sprintf("STORE %d", seq)
	if rapid.Bool().Draw(t, "by UID") {
		set = fmt.Sprintf("UID STORE %d", uid)
	}
	if flags := p.truth[uid]; flags != nil {
		if op == "FLAGS" {
			clear(flags)
		}
		flags[flag] = true
		if op == "-FLAGS" {
			delete(flags, flag)
		}
	}
	answer := c.do(t, fmt.Sprintf("%s %s%s (%s)", set, op, silent, flag))
	if p.truth[uid] == nil || silent != "" {
		return
	}
	for _, r := range answer {
		if r.Name == "FETCH" && int(r.Number) == seq && flagsIn(r) == p.truth.flags(uid) {
			return
		}
	}
	t.Fatalf("%s: no answer tells the flags %q of message %d: %s", c.name, p.truth.flags(uid), seq, raws(answer))
}

func (p *play) expunge(t *rapid.T) {
	p.any(t).do(t, "EXPUNGE")
	maps.DeleteFunc(p.truth, func(_ uint32, flags map[string]bool) bool { return flags[`\Deleted`] })
}

func (p *play) uidExpunge(t *rapid.T) {
	c, _, uid := p.message(t)
	c.do(t, fmt.Sprintf("UID EXPUNGE %d", uid))
	if p.truth[uid][`\Deleted`] {
		delete(p.truth, uid)
	}
}

func (p *play) copy(t *rapid.T) {
	c, seq, uid := p.message(t)
	answer := c.do(t, fmt.Sprintf("COPY %d %s", seq, p.name))
	code := answer[len(answer)-1].Code
	if (code.Name == "COPYUID") != (p.truth[uid] != nil) {
		t.Fatalf("%s: COPY of UID %d is answered with %s", c.name, uid, raws(answer))
	}
	if code.Name == "COPYUID" {
		var copied uint32
		fmt.Sscan(code.Data[2].Text, &copied)
		p.truth[copied] = maps.Clone(p.truth[uid])
	}
}

func (p *play) move(t *rapid.T) {
	c, seq, uid := p.message(t)
	c.do(t, fmt.Sprintf("MOVE %d Trash", seq))
	if slices.Contains(c.uids, uid) {
		t.Fatalf("%s: UID %d is still there after MOVE", c.name, uid)
	}
	delete(p.truth, uid)
}

// fetch reads all that the session sees, also what is gone by now.
func (p *play) fetch(t *rapid.T) {
	c := p.any(t)
	command := rapid.SampledFrom([]string{
		"FETCH 1:* (UID BODY.PEEK[])", "FETCH 1:* (UID RFC822.SIZE)", "UID FETCH 1:* BODY.PEEK[]",
	}).Draw(t, "command")
	before := len(c.uids)
	told := 0
	for _, r := range c.do(t, command) {
		if _, body := item(r, "BODY[]"); body {
			told++
		} else if _, size := item(r, "RFC822.SIZE"); size {
			told++
		}
	}
	if told != before {
		t.Fatalf("%s: %s told of %d messages out of %d", c.name, command, told, before)
	}
}

func (p *play) search(t *rapid.T) {
	c := p.any(t)
	before := len(c.uids)
	for _, r := range c.do(t, "SEARCH ALL") {
		if r.Name == "SEARCH" && len(r.Data) != before {
			t.Fatalf("%s: SEARCH ALL found %d of %d", c.name, len(r.Data), before)
		}
	}
}

// look gives a session the chance to hear what is new.
func (p *play) look(t *rapid.T) {
	p.any(t).do(t, rapid.SampledFrom([]string{"NOOP", "CHECK", "IDLE", "UID SEARCH ALL"}).Draw(t, "command"))
}

// agree lets all sessions catch up: then each must see what is true.
func (p *play) agree(t *rapid.T) {
	want := map[uint32]string{}
	for uid := range p.truth {
		want[uid] = p.truth.flags(uid)
	}
	for _, c := range p.sessions {
		c.do(t, "NOOP")
		got := map[uint32]string{}
		for _, r := range c.do(t, "FETCH 1:* (UID FLAGS)") {
			if r.Name == "FETCH" {
				got[uidOf(r)] = flagsIn(r)
			}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%s sees %v, but true is %v", c.name, got, want)
		}
		if len(c.uids) != len(want) {
			t.Fatalf("%s was told of %v, but there are %v", c.name, c.uids, want)
		}
	}
}

func raws(answer []*imap.Response) string {
	var b strings.Builder
	for _, r := range answer {
		b.Write(r.Raw)
	}
	return b.String()
}
