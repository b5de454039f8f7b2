package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"postern/internal/mailhost/store"
)

// A model is what a store is expected to hold, for one account: plain values,
// changed in the plainest way.
type model struct {
	boxes map[string]*modelBox
}

type modelBox struct {
	next  store.UID
	mails []modelMail // by UID
}

type modelMail struct {
	uid   store.UID
	text  string
	flags string // sorted names
}

func newModel(names ...string) *model {
	m := &model{boxes: map[string]*modelBox{}}
	for _, n := range names {
		m.boxes[n] = &modelBox{next: 1}
	}
	return m
}

func (m *model) clone() *model {
	c := newModel()
	for name, b := range m.boxes {
		c.boxes[name] = &modelBox{b.next, slices.Clone(b.mails)}
	}
	return c
}

func (m *model) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m.boxes)) {
		fmt.Fprintf(&b, "%s next %d\n", name, m.boxes[name].next)
		for _, mail := range m.boxes[name].mails {
			fmt.Fprintf(&b, "  %d %q [%s]\n", mail.uid, firstLine(mail.text), mail.flags)
		}
	}
	return b.String()
}

// firstLine keeps messages apart and failures readable; %d bytes tells cut ones.
func firstLine(text string) string {
	i := strings.Index(text, "Subject: ")
	if i < 0 {
		return fmt.Sprintf("%.40s (%d bytes)", text, len(text))
	}
	line, _, _ := strings.Cut(text[i:], "\r\n")
	return fmt.Sprintf("%s (%d bytes)", line, len(text))
}

// A step is one thing that is done to a store and to its model. Both return
// what a client would be told.
type step struct {
	name  string
	model func(m *model) string
	store func(w *world) (string, error)
}

// A world is an open store with one account in it.
type world struct {
	s       *store.Store
	account store.AccountID
}

func (w *world) box(name string) (store.MailboxID, error) {
	mb, err := w.s.MailboxByName(context.Background(), w.account, name)
	return mb.ID, err
}

var systemNames = map[string]store.Flags{
	`\Answered`: store.Answered, `\Flagged`: store.Flagged, `\Deleted`: store.Deleted,
	`\Seen`: store.Seen, `\Draft`: store.Draft,
}

// splitFlags tells system flags from keywords.
func splitFlags(names string) (system store.Flags, keywords []string) {
	for _, n := range strings.Fields(names) {
		if f, ok := systemNames[n]; ok {
			system |= f
		} else {
			keywords = append(keywords, n)
		}
	}
	return system, keywords
}

// joinFlags is the other way round, sorted.
func joinFlags(f store.Flags, keywords []string) string {
	var names []string
	for n, bit := range systemNames {
		if f&bit != 0 {
			names = append(names, n)
		}
	}
	for i, k := range keywords {
		if f&store.Keyword(i) != 0 {
			names = append(names, k)
		}
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

func deliverStep(box, text, flags string) step {
	return step{
		name: fmt.Sprintf("deliver %q to %s", firstLine(text), box),
		model: func(m *model) string {
			b := m.boxes[box]
			b.mails = append(b.mails, modelMail{b.next, text, changeFlags("", store.AddFlags, flags)})
			b.next++
			return fmt.Sprint(b.next - 1)
		},
		store: func(w *world) (string, error) {
			id, err := w.box(box)
			if err != nil {
				return "", err
			}
			g, err := w.s.Stage(context.Background())
			if err != nil {
				return "", err
			}
			defer g.Discard()
			if _, err := g.Write([]byte(text)); err != nil {
				return "", err
			}
			body, err := g.Finish()
			if err != nil {
				return "", err
			}
			defer body.Discard()
			f, k := splitFlags(flags)
			placed, err := w.s.Deliver(context.Background(), store.Bulk, body, []store.Delivery{{Mailbox: id, Flags: f, Keywords: k}})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(placed[0].UID), nil
		},
	}
}

func flagsStep(box string, uids []store.UID, mode store.FlagMode, flags string) step {
	return step{
		name: fmt.Sprintf("flags of %s %v: mode %d %s", box, uids, mode, flags),
		model: func(m *model) string {
			var told []string
			for i := range m.boxes[box].mails {
				mail := &m.boxes[box].mails[i]
				if !slices.Contains(uids, mail.uid) {
					continue
				}
				if after := changeFlags(mail.flags, mode, flags); after != mail.flags {
					mail.flags = after
					told = append(told, fmt.Sprint(mail.uid))
				}
			}
			return strings.Join(told, " ")
		},
		store: func(w *world) (string, error) {
			id, err := w.box(box)
			if err != nil {
				return "", err
			}
			f, k := splitFlags(flags)
			changed, err := w.s.SetFlags(context.Background(), id, uids, store.FlagChange{Mode: mode, Flags: f, Keywords: k})
			var told []string
			for _, e := range changed {
				told = append(told, fmt.Sprint(e.UID))
			}
			return strings.Join(told, " "), err
		},
	}
}

func changeFlags(have string, mode store.FlagMode, change string) string {
	set := map[string]bool{}
	if mode != store.ReplaceFlags {
		for _, n := range strings.Fields(have) {
			set[n] = true
		}
	}
	for _, n := range strings.Fields(change) {
		if mode == store.RemoveFlags {
			delete(set, n)
		} else {
			set[n] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}

func copyStep(from string, uids []store.UID, to string, move bool) step {
	return step{
		name: fmt.Sprintf("copy (move %v) %v from %s to %s", move, uids, from, to),
		model: func(m *model) string {
			var told []string
			dest := m.boxes[to]
			for _, mail := range slices.Clone(m.boxes[from].mails) {
				if !slices.Contains(uids, mail.uid) {
					continue
				}
				told = append(told, fmt.Sprintf("%d>%d", mail.uid, dest.next))
				if move {
					m.boxes[from].remove(mail.uid)
				}
				mail.uid = dest.next
				dest.mails = append(dest.mails, mail)
				dest.next++
			}
			return strings.Join(told, " ")
		},
		store: func(w *world) (string, error) {
			source, err := w.box(from)
			if err != nil {
				return "", err
			}
			dest, err := w.box(to)
			if err != nil {
				return "", err
			}
			copy := w.s.Copy
			if move {
				copy = w.s.Move
			}
			done, err := copy(context.Background(), source, uids, dest)
			var told []string
			for i := range done.From {
				told = append(told, fmt.Sprintf("%d>%d", done.From[i], done.To[i]))
			}
			return strings.Join(told, " "), err
		},
	}
}

func (b *modelBox) remove(uid store.UID) {
	b.mails = slices.DeleteFunc(b.mails, func(m modelMail) bool { return m.uid == uid })
}

// expungeStep removes messages; nil uids stand for all.
func expungeStep(box string, uids []store.UID, onlyDeleted bool) step {
	return step{
		name: fmt.Sprintf("expunge %v of %s (only deleted %v)", uids, box, onlyDeleted),
		model: func(m *model) string {
			var told []string
			for _, mail := range slices.Clone(m.boxes[box].mails) {
				if uids != nil && !slices.Contains(uids, mail.uid) ||
					onlyDeleted && !strings.Contains(mail.flags, `\Deleted`) {
					continue
				}
				m.boxes[box].remove(mail.uid)
				told = append(told, fmt.Sprint(mail.uid))
			}
			return strings.Join(told, " ")
		},
		store: func(w *world) (string, error) {
			id, err := w.box(box)
			if err != nil {
				return "", err
			}
			gone, err := w.s.Expunge(context.Background(), id, uids, onlyDeleted)
			var told []string
			for _, uid := range gone {
				told = append(told, fmt.Sprint(uid))
			}
			return strings.Join(told, " "), err
		},
	}
}

func createStep(name string) step {
	return step{
		name:  "create " + name,
		model: func(m *model) string { m.boxes[name] = &modelBox{next: 1}; return "" },
		store: func(w *world) (string, error) {
			_, err := w.s.CreateMailbox(context.Background(), w.account, name, "")
			return "", err
		},
	}
}

func deleteStep(name string) step {
	return step{
		name:  "delete " + name,
		model: func(m *model) string { delete(m.boxes, name); return "" },
		store: func(w *world) (string, error) {
			return "", w.s.DeleteMailbox(context.Background(), w.account, name)
		},
	}
}

// observe reads all that a store has, through the public methods.
func observe(w *world) (*model, error) {
	ctx := context.Background()
	m := newModel()
	boxes, err := w.s.Mailboxes(ctx, w.account)
	if err != nil {
		return nil, err
	}
	for _, mb := range boxes {
		b := &modelBox{next: mb.UIDNext}
		m.boxes[mb.Name] = b
		v, err := w.s.Select(ctx, mb.ID, true)
		if err != nil {
			return nil, err
		}
		defer v.Close()
		var uids []store.UID
		for _, e := range v.Snapshot().All() {
			uids = append(uids, e.UID)
			b.mails = append(b.mails, modelMail{uid: e.UID, flags: joinFlags(e.Flags, v.Keywords())})
		}
		n := 0
		for meta, err := range v.Messages(ctx, uids, store.WantEnvelope|store.WantStructure|store.WantSignature) {
			if err != nil {
				return nil, err
			}
			if meta.UID != b.mails[n].uid {
				return nil, fmt.Errorf("Messages gave %d where %d was asked for", meta.UID, b.mails[n].uid)
			}
			if b.mails[n].text, err = readAll(w.s, meta.ID); err != nil {
				return nil, err
			}
			if int64(len(b.mails[n].text)) != meta.Size {
				return nil, errors.New("a message's size is not its size")
			}
			n++
		}
		if n != len(uids) {
			return nil, fmt.Errorf("%s: Messages gave %d of %d", mb.Name, n, len(uids))
		}
	}
	return m, nil
}
