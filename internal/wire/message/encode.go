package message

import (
	"encoding/binary"
	"fmt"
)

// The binary forms begin with their version. Numbers are unsigned varints,
// strings and lists have their length before them, and a part's places are
// told as distances, so that most numbers take one or two bytes.
const (
	envelopeVersion = 1
	treeVersion     = 1
)

// AppendEnvelope appends e's binary form to b. It is compact, begins with a
// version, and DecodeEnvelope of any later version reads it.
func AppendEnvelope(b []byte, e *Envelope) []byte {
	return appendEnvelope(append(b, envelopeVersion), e)
}

// DecodeEnvelope reads what AppendEnvelope wrote. Any other bytes give an
// error, in memory bounded by their length.
func DecodeEnvelope(b []byte) (*Envelope, error) {
	d := &binaryReader{rest: b}
	if version := d.byte(); version != envelopeVersion {
		return nil, fmt.Errorf("stored envelope: unknown version %d; it was written by a later Postern or is damaged", version)
	}
	e := d.envelope()
	if err := d.end(); err != nil {
		return nil, fmt.Errorf("stored envelope: %w", err)
	}
	return e, nil
}

// AppendTree appends the binary form of the tree under p to b, without p's own
// Envelope (which is most often wanted alone and has a form of its own), but
// with those of the messages inside.
func AppendTree(b []byte, p *Part) []byte {
	return appendPart(append(b, treeVersion), p, 0)
}

// DecodeTree reads what AppendTree wrote. Any other bytes give an error, in
// memory bounded by their length. The root's Envelope is nil.
func DecodeTree(b []byte) (*Part, error) {
	d := &binaryReader{rest: b}
	if version := d.byte(); version != treeVersion {
		return nil, fmt.Errorf("stored part tree: unknown version %d; it was written by a later Postern or is damaged", version)
	}
	root := d.part(0, 0)
	if err := d.end(); err != nil {
		return nil, fmt.Errorf("stored part tree: %w", err)
	}
	return root, nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendInt(b []byte, n int64) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendEnvelope(b []byte, e *Envelope) []byte {
	for _, text := range e.texts() {
		if !text.Present {
			b = append(b, 0)
			continue
		}
		b = appendString(appendInt(b, 1), text.Value)
	}
	for _, list := range e.lists() {
		b = appendInt(b, int64(len(*list)))
		for _, a := range *list {
			b = append(b, byte(a.Kind))
			for _, s := range []string{a.Name, a.Route, a.Local, a.Domain} {
				b = appendString(b, s)
			}
		}
	}
	return b
}

// texts and lists name the fields of an envelope in the order of the binary
// form.
func (e *Envelope) texts() []*Optional {
	return []*Optional{&e.Date, &e.Subject, &e.InReplyTo, &e.MessageID}
}

func (e *Envelope) lists() []*[]Address {
	return []*[]Address{&e.From, &e.Sender, &e.ReplyTo, &e.To, &e.Cc, &e.Bcc}
}

// What a part is, told before its content.
const (
	leafPart = iota
	multiPart
	messagePart
)

// appendPart appends p; base is where the part around it, or the sibling
// before it, ends or begins.
func appendPart(b []byte, p *Part, base int64) []byte {
	for _, n := range []int64{p.HeaderStart - base, p.BodyStart - p.HeaderStart, p.End - p.BodyStart, p.Lines} {
		b = appendInt(b, n)
	}
	for _, s := range p.strings() {
		b = appendString(b, *s)
	}
	b = appendParams(appendParams(b, p.Params), p.DispositionParams)
	b = appendInt(b, int64(len(p.Language)))
	for _, tag := range p.Language {
		b = appendString(b, tag)
	}
	switch {
	case p.Message != nil:
		b = appendEnvelope(append(b, messagePart), p.Message.Envelope)
		return appendPart(b, p.Message, p.BodyStart)
	case len(p.Parts) > 0:
		b = appendInt(append(b, multiPart), int64(len(p.Parts)))
		base = p.BodyStart
		for _, child := range p.Parts {
			b = appendPart(b, child, base)
			base = child.End
		}
		return b
	}
	return append(b, leafPart)
}

// strings names the strings of a part in the order of the binary form.
func (p *Part) strings() []*string {
	return []*string{&p.Type, &p.Subtype, &p.ID, &p.Description, &p.MD5, &p.Location, &p.Encoding, &p.Disposition}
}

func appendParams(b []byte, params []Param) []byte {
	b = appendInt(b, int64(len(params)))
	for _, p := range params {
		b = appendString(appendString(b, p.Name), p.Value)
	}
	return b
}
