package imapd

import (
	"context"
	"io"
	"strconv"

	"postern/internal/mailhost/store"
	"postern/internal/wire/imap"
)

// fetcher prints the response of FETCH for one message.
type fetcher struct {
	*session
	ctx   context.Context
	meta  store.Meta
	entry store.Entry
	body  *store.BodyReader // nil until a section is wanted
}

// respond prints the items between their parentheses.
func (f *fetcher) respond(seq uint32, items []imap.FetchItem) error {
	if needsBody(items) {
		// Before the first word: what can't be opened can still be refused.
		var err error
		if f.body, err = f.server.Store.OpenBody(f.ctx, f.meta.ID); err != nil {
			return err
		}
	}
	b := appendNumbered(nil, seq, "FETCH (")
	for i := range items {
		if i > 0 {
			b = append(b, ' ')
		}
		b = imap.AppendItem(b, &items[i])
		b = append(b, ' ')
		if items[i].Kind != imap.FetchSection {
			b = f.appendItem(b, items[i].Kind)
			continue
		}
		if err := f.section(b, &items[i].Section); err != nil {
			return err
		}
		b = b[:0]
	}
	return f.write(append(b, ")\r\n"...))
}

func needsBody(items []imap.FetchItem) bool {
	for _, item := range items {
		if item.Kind == imap.FetchSection {
			return true
		}
	}
	return false
}

// appendItem prints an item that is no text of the message.
func (f *fetcher) appendItem(b []byte, kind imap.FetchKind) []byte {
	switch kind {
	case imap.FetchFlags:
		return imap.AppendFlags(b, f.flagsOf(f.entry))
	case imap.FetchUID:
		return strconv.AppendUint(b, uint64(f.meta.UID), 10)
	case imap.FetchInternalDate:
		return imap.AppendDate(b, f.meta.Date)
	case imap.FetchSize:
		return strconv.AppendInt(b, f.meta.Size, 10)
	case imap.FetchEnvelope:
		return imap.AppendEnvelope(b, f.meta.Envelope)
	}
	return imap.AppendStructure(b, f.meta.Structure, kind == imap.FetchBodyStructure)
}

// section prints what is in b and then the section as a literal, straight from
// the store to the client.
func (f *fetcher) section(b []byte, wanted *imap.Section) error {
	all := io.NewSectionReader(f.body, 0, f.body.Size())
	text, err := sectionText(all, f.meta.Structure, wanted)
	if err != nil {
		return &ending{err}
	}
	if text == nil {
		return f.write(append(b, "NIL"...))
	}
	if p := wanted.Partial; p != nil {
		offset := min(int64(p.Offset), text.Size())
		text = text.Cut(offset, min(int64(p.Count), text.Size()-offset))
	}
	if err := f.write(imap.AppendLiteral(b, text.Size())); err != nil {
		return err
	}
	if err := text.CopyTo(f.conn); err != nil {
		// The client has been promised more octets; nothing else can be said.
		return &ending{err}
	}
	return nil
}

func (f *fetcher) close() {
	if f.body != nil {
		f.body.Close()
	}
}
