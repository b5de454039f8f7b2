package imapd

import (
	"io"

	"postern/internal/wire/imap"
	"postern/internal/wire/message"
)

// text is some of a message's octets on their way to the client.
type text interface {
	Size() int64
	// CopyTo writes all of it.
	CopyTo(w io.Writer) error
	// Cut is a window on it; it lies within.
	Cut(offset, size int64) text
}

// sectionText finds the text of a section in a message, RFC 3501 §6.4.5; nil
// where the message has no such section. The part tree may be nil where all of
// the message is wanted.
func sectionText(body *io.SectionReader, root *message.Part, s *imap.Section) (text, error) {
	if len(s.Part) == 0 && s.Text == imap.SectionAll {
		return octets{body}, nil
	}
	part := root.Find(s.Part...)
	if part == nil {
		return nil, nil
	}
	switch s.Text {
	case imap.SectionAll:
		return octets{part.Body(body)}, nil
	case imap.SectionMIME:
		return octets{part.Header(body)}, nil
	}
	// What is left speaks of a message: the whole one, or one that a part
	// carries.
	if len(s.Part) > 0 {
		if part = part.Message; part == nil {
			return nil, nil
		}
	}
	switch s.Text {
	case imap.SectionHeader:
		return octets{part.Header(body)}, nil
	case imap.SectionBody:
		return octets{part.Body(body)}, nil
	}
	return pickFields(part.Header(body), s)
}

// octets are text that stands in the message as it is.
type octets struct{ *io.SectionReader }

func (o octets) CopyTo(w io.Writer) error {
	n, err := io.Copy(w, io.NewSectionReader(o, 0, o.Size()))
	if err == nil && n < o.Size() {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (o octets) Cut(offset, size int64) text {
	return octets{io.NewSectionReader(o, offset, size)}
}

// fields are those fields of a header that were asked for. They are picked
// each time anew, so that no header is too large.
type fields struct {
	header       *io.SectionReader
	section      *imap.Section
	offset, size int64
}

// pickFields finds out how long the fields are.
func pickFields(header *io.SectionReader, s *imap.Section) (text, error) {
	f := fields{header: header, section: s}
	var length counter
	if err := f.pick(&length); err != nil {
		return nil, err
	}
	return f.Cut(0, int64(length)), nil
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func (f fields) Size() int64 { return f.size }

func (f fields) Cut(offset, size int64) text {
	f.offset, f.size = f.offset+offset, size
	return f
}

func (f fields) CopyTo(w io.Writer) error {
	return f.pick(&window{to: w, skip: f.offset, room: f.size})
}

func (f fields) pick(w io.Writer) error {
	header := io.NewSectionReader(f.header, 0, f.header.Size())
	return message.FilterHeader(w, header, f.section.Fields, f.section.Text == imap.SectionFieldsNot)
}

// window passes on what lies in a window of what is written.
type window struct {
	to         io.Writer
	skip, room int64
}

func (w *window) Write(p []byte) (int, error) {
	n := len(p)
	skipped := min(w.skip, int64(len(p)))
	p = p[skipped:]
	p = p[:min(w.room, int64(len(p)))]
	w.skip -= skipped
	w.room -= int64(len(p))
	if len(p) > 0 {
		if _, err := w.to.Write(p); err != nil {
			return 0, err
		}
	}
	return n, nil
}
