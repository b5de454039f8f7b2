package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"postern/internal/mailhost/store"
	"postern/internal/mailhost/store/powercut"
)

// A client is an IMAP client behind a view: it knows only what it was told.
type client struct {
	box      string
	born     *modelBox // to tell mailboxes of one name apart
	view     *store.View
	list     []store.Entry
	recent   map[store.UID]bool
	signaled *bool
}

// TestStoreAgainstModel does random things to a store and to a model of it,
// with several views looking on. Every view must be led by what Advance tells
// to exactly what its snapshot holds; and what the snapshot holds must be what
// the model holds, and what was expunged since the view was last allowed to
// hear of it.
func TestStoreAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "model")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := &run{T: t, dir: dir, disk: powercut.New(dir), model: newModel("INBOX", "A"), claimed: map[string]bool{}}
		defer r.disk.Close()
		r.open()
		defer func() { r.s.Close() }()
		if err := r.found("INBOX", "A"); err != nil {
			t.Fatal(err)
		}
		t.Repeat(map[string]func(*rapid.T){
			"":        r.look,
			"deliver": r.deliver,
			"flags":   r.flags,
			"copy":    r.copy,
			"expunge": r.expunge,
			"create":  r.create,
			"delete":  r.delete,
			"select":  r.selectBox,
			"advance": r.advance,
			"fetch":   r.fetch,
			"close":   r.close,
			"reopen":  r.reopen,
			"sweep":   func(t *rapid.T) { r.do(t, sweepStep()) },
		})
		for len(r.clients) > 0 {
			r.drop(0)
		}
		r.same()
	})
}

// A run is one random life of a store.
type run struct {
	*rapid.T
	world
	dir     string
	disk    *powercut.Disk // for its fsync, which does not wait
	model   *model
	clients []*client
	claimed map[string]bool // messages that were \Recent in a view that was not read-only
	number  int
}

func (r *run) open() {
	w, err := openWorld(r.dir, r.disk)
	if err != nil {
		r.Fatal(err)
	}
	r.world = *w
}

// do does a step to both.
func (r *run) do(t *rapid.T, st step) {
	want := st.model(r.model)
	got, err := st.store(&r.world)
	if err != nil || got != want {
		t.Fatalf("%s: told %q, %v; want %q", st.name, got, err, want)
	}
}

func (r *run) box(t *rapid.T, label string) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(r.model.boxes))).Draw(t, label)
}

// uids draws some UIDs of a mailbox, and one that may not be there.
func (r *run) uids(t *rapid.T, box string) []store.UID {
	uids := []store.UID{store.UID(rapid.IntRange(1, 20).Draw(t, "uid"))}
	for _, m := range r.model.boxes[box].mails {
		if rapid.Bool().Draw(t, "this one") {
			uids = append(uids, m.uid)
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids)
}

var flagSets = []string{"", `\Seen`, `\Deleted`, `\Deleted \Flagged`, `$Work \Seen`, `$Later`, `$Work $Later \Draft \Answered`}

func (r *run) deliver(t *rapid.T) {
	r.number++
	size := rapid.SampledFrom([]int{100, 3000, 140 << 10}).Draw(t, "size")
	r.do(t, deliverStep(r.box(t, "to"), testMessage(r.number, size), rapid.SampledFrom(flagSets).Draw(t, "flags")))
}

func (r *run) flags(t *rapid.T) {
	box := r.box(t, "in")
	mode := store.FlagMode(rapid.IntRange(0, 2).Draw(t, "mode"))
	r.do(t, flagsStep(box, r.uids(t, box), mode, rapid.SampledFrom(flagSets).Draw(t, "flags")))
}

func (r *run) copy(t *rapid.T) {
	from := r.box(t, "from")
	r.do(t, copyStep(from, r.uids(t, from), r.box(t, "to"), rapid.Bool().Draw(t, "move")))
}

func (r *run) expunge(t *rapid.T) {
	box := r.box(t, "in")
	onlyDeleted := rapid.Bool().Draw(t, "only deleted")
	var uids []store.UID
	if !onlyDeleted || rapid.Bool().Draw(t, "some") {
		uids = r.uids(t, box)
	}
	r.do(t, expungeStep(box, uids, onlyDeleted))
}

func (r *run) create(t *rapid.T) {
	name := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "name")
	if r.model.boxes[name] != nil {
		if _, err := createStep(name).store(&r.world); !errors.Is(err, store.ErrMailboxExists) {
			t.Fatalf("creating %s again: %v", name, err)
		}
		return
	}
	r.do(t, createStep(name))
}

func (r *run) delete(t *rapid.T) {
	name := r.box(t, "name")
	if name == "INBOX" {
		if _, err := deleteStep(name).store(&r.world); !errors.Is(err, store.ErrInbox) {
			t.Fatalf("deleting INBOX: %v", err)
		}
		return
	}
	r.do(t, deleteStep(name))
}

func (r *run) selectBox(t *rapid.T) {
	if len(r.clients) >= 6 {
		t.Skip("enough views")
	}
	name := r.box(t, "box")
	id, err := r.world.box(name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.s.Select(context.Background(), id, rapid.Bool().Draw(t, "read-only"))
	if err != nil {
		t.Fatal(err)
	}
	c := &client{box: name, born: r.model.boxes[name], view: v, recent: map[store.UID]bool{}, signaled: new(bool)}
	v.OnChange(func() { *c.signaled = true }) // the writer is at rest when it is read
	for _, e := range v.Snapshot().All() {
		c.list = append(c.list, e)
	}
	r.clients = append(r.clients, c)
	r.claim(t, c)
	r.compare(t, c, true)
}

// claim checks that no message is \Recent to two views that are not read-only.
func (r *run) claim(t *rapid.T, c *client) {
	count := 0
	for _, e := range c.view.Snapshot().All() {
		if !c.view.Recent(e.UID) {
			continue
		}
		count++
		key := fmt.Sprint(c.view.Mailbox().ID, " ", e.UID)
		switch {
		case c.view.ReadOnly() || c.recent[e.UID]:
		case r.claimed[key]:
			t.Fatalf("%s: %d is \\Recent to a second view", c.box, e.UID)
		default:
			r.claimed[key], c.recent[e.UID] = true, true
		}
	}
	if count != c.view.RecentCount() {
		t.Fatalf("RecentCount() = %d, %d messages are", c.view.RecentCount(), count)
	}
}

func (r *run) client(t *rapid.T) *client {
	if len(r.clients) == 0 {
		t.Skip("no view")
	}
	return rapid.SampledFrom(r.clients).Draw(t, "view")
}

func (r *run) advance(t *rapid.T) {
	c := r.client(t)
	mayExpunge := rapid.Bool().Draw(t, "may expunge")
	changes, err := c.view.Advance(mayExpunge)
	if gone := r.model.boxes[c.box] != c.born; gone {
		if !errors.Is(err, store.ErrNoMailbox) {
			t.Fatalf("%s is gone and Advance returned %v", c.box, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !changes.Empty() && !*c.signaled {
		t.Fatalf("%s: nobody said that there would be %+v", c.box, changes)
	}
	if mayExpunge {
		*c.signaled = false
	}
	if !mayExpunge && len(changes.Expunged) > 0 {
		t.Fatalf("%s: was told of %v too early", c.box, changes.Expunged)
	}
	c.hear(t, changes)
	r.claim(t, c)
	r.compare(t, c, mayExpunge)
}

// hear does what an IMAP client does with untagged responses.
func (c *client) hear(t *rapid.T, ch store.Changes) {
	for _, seq := range ch.Expunged {
		c.list = slices.Delete(c.list, int(seq)-1, int(seq))
	}
	snap := c.view.Snapshot()
	if grown := snap.Len() > len(c.list); grown != ch.Exists {
		t.Fatalf("%s: EXISTS is %v, the client has %d of %d", c.box, ch.Exists, len(c.list), snap.Len())
	}
	for len(c.list) < snap.Len() {
		c.list = append(c.list, snap.At(uint32(len(c.list)+1)))
	}
	for _, seq := range ch.Flags {
		c.list[seq-1] = snap.At(seq)
	}
}

// compare compares what the client has with the snapshot, and that with the
// model; ghosts are what only the snapshot has.
func (r *run) compare(t *rapid.T, c *client, exactly bool) {
	snap := c.view.Snapshot()
	if len(c.list) != snap.Len() {
		t.Fatalf("%s: the client has %d messages, the snapshot %d", c.box, len(c.list), snap.Len())
	}
	mails := c.born.mails
	for seq, e := range snap.All() {
		if c.list[seq-1] != e {
			t.Fatalf("%s: the client has %+v as number %d, the snapshot %+v", c.box, c.list[seq-1], seq, e)
		}
		if len(mails) > 0 && mails[0].uid == e.UID {
			if got := joinFlags(e.Flags, c.view.Keywords()); got != mails[0].flags {
				t.Fatalf("%s: %d has flags %q, want %q", c.box, e.UID, got, mails[0].flags)
			}
			mails = mails[1:]
		} else if exactly {
			t.Fatalf("%s: the snapshot has %d and should not", c.box, e.UID)
		}
	}
	if len(mails) > 0 {
		t.Fatalf("%s: the snapshot does not have %d", c.box, mails[0].uid)
	}
	if c.view.UIDNext() != c.born.next {
		t.Fatalf("%s: UIDNEXT is %d, want %d", c.box, c.view.UIDNext(), c.born.next)
	}
}

// fetch reads everything that a view shows, ghosts too.
func (r *run) fetch(t *rapid.T) {
	c := r.client(t)
	if r.model.boxes[c.box] != c.born {
		t.Skip("the mailbox is gone")
	}
	var uids []store.UID
	for _, e := range c.list {
		if rapid.Bool().Draw(t, "this one") {
			uids = append(uids, e.UID)
		}
	}
	want := store.Want(rapid.IntRange(0, 7).Draw(t, "want"))
	n := 0
	for m, err := range c.view.Messages(context.Background(), uids, want) {
		if err != nil {
			t.Fatal(err)
		}
		if m.UID != uids[n] {
			t.Fatalf("Messages(%v) gives %d as number %d", uids, m.UID, n)
		}
		if (m.Envelope != nil) != (want&store.WantEnvelope != 0) || (m.Structure != nil) != (want&store.WantStructure != 0) ||
			(m.Signature != nil) != (want&store.WantSignature != 0) {
			t.Fatalf("wanted %b, got %+v", want, m)
		}
		text, err := readAll(r.s, m.ID)
		if err != nil || int64(len(text)) != m.Size {
			t.Fatalf("message %d: %d bytes of %d, %v", m.ID, len(text), m.Size, err)
		}
		n++
	}
	if n != len(uids) {
		t.Fatalf("Messages gives %d of %d", n, len(uids))
	}
}

func (r *run) close(t *rapid.T) {
	r.client(t)
	r.drop(rapid.IntRange(0, len(r.clients)-1).Draw(t, "which"))
}

func (r *run) drop(i int) {
	r.clients[i].view.Close()
	r.clients = slices.Delete(r.clients, i, i+1)
}

func (r *run) reopen(t *rapid.T) {
	for len(r.clients) > 0 {
		r.drop(0)
	}
	if err := r.s.Close(); err != nil {
		t.Fatal(err)
	}
	r.open()
	r.same()
}

// same compares all that is stored with the model.
func (r *run) same() {
	m, err := observe(&r.world)
	if err != nil {
		r.Fatal(err)
	}
	if m.String() != r.model.String() {
		r.Fatalf("the store holds\n%swant\n%s", m, r.model)
	}
	if wrong := miscounted(r.s); wrong != "" {
		r.Fatal(wrong)
	}
}

// miscounted compares what the rows say about each other.
func miscounted(s *store.Store) (wrong string) {
	err := s.Read(context.Background(), func(tx *store.ReadTx) error {
		for _, query := range []string{
			`select 'message', m.id from message m left join shared s on s.message = m.id
				where (select count(*) from placement p where p.message = m.id) +
				(select count(*) from expunged e where e.message = m.id) <> 1 + coalesce(s.more, 0)`,
			"select 'shared', message from shared where more <= 0 or message not in (select id from message)",
			"select 'segment', id from segment s where messages <> (select count(*) from message m where m.segment = s.id)",
			"select 'no segment', segment from message where segment not in (select id from segment)",
		} {
			var what string
			var id int64
			if ok, err := tx.Get(query, nil, &what, &id); ok || err != nil {
				wrong += fmt.Sprintf("%s %d is miscounted (%v)\n", what, id, err)
			}
		}
		return nil
	})
	if err != nil {
		wrong += err.Error()
	}
	return wrong
}

// look checks what can be checked at any time.
func (r *run) look(t *rapid.T) {
	for name, b := range r.model.boxes {
		id, err := r.world.box(name)
		if err != nil {
			t.Fatal(err)
		}
		st, err := r.s.MailboxStatus(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		unseen, deleted := 0, 0
		for _, m := range b.mails {
			f, _ := splitFlags(m.flags)
			if f&store.Seen == 0 {
				unseen++
			}
			if f&store.Deleted != 0 {
				deleted++
			}
		}
		if st.Messages != len(b.mails) || st.Unseen != unseen || st.Deleted != deleted || st.UIDNext != b.next {
			t.Fatalf("status of %s is %+v; want %d messages, %d unseen, %d deleted, UIDNEXT %d",
				name, st, len(b.mails), unseen, deleted, b.next)
		}
	}
}
