package message

import (
	"encoding/binary"
	"errors"
)

var (
	errShort = errors.New("it ends too early or is damaged")
	errLong  = errors.New("bytes are left over: it is damaged")
	errDeep  = errors.New("it has more parts or levels than a message can have: it is damaged")
)

// A binaryReader reads the binary forms. After an error it returns zeros.
type binaryReader struct {
	rest  []byte
	parts int
	err   error
}

func (d *binaryReader) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = nil
}

func (d *binaryReader) end() error {
	if d.err == nil && len(d.rest) > 0 {
		return errLong
	}
	return d.err
}

func (d *binaryReader) byte() byte {
	if len(d.rest) == 0 {
		d.fail(errShort)
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

// int reads a number that is no larger than a file can be.
func (d *binaryReader) int() int64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || n > 1<<50 {
		d.fail(errShort)
		return 0
	}
	d.rest = d.rest[size:]
	return int64(n)
}

// count reads the length of what takes at least size bytes for each.
func (d *binaryReader) count(size int) int {
	n := d.int()
	if n > int64(len(d.rest)/size) {
		d.fail(errShort)
		return 0
	}
	return int(n)
}

func (d *binaryReader) string() string {
	n := d.count(1)
	s := string(d.rest[:n])
	d.rest = d.rest[n:]
	return s
}

func (d *binaryReader) envelope() *Envelope {
	e := new(Envelope)
	for _, text := range e.texts() {
		if d.byte() != 0 {
			*text = Optional{d.string(), true}
		}
	}
	for _, list := range e.lists() {
		n := d.count(5)
		if n > 0 {
			*list = make([]Address, n)
		}
		for i := range *list {
			a := &(*list)[i]
			if a.Kind = AddressKind(d.byte()); a.Kind > GroupEnd {
				d.fail(errShort)
			}
			for _, s := range []*string{&a.Name, &a.Route, &a.Local, &a.Domain} {
				*s = d.string()
			}
		}
	}
	return e
}

func (d *binaryReader) part(base int64, depth int) *Part {
	p := new(Part)
	if d.parts++; depth > MaxDepth || d.parts > MaxParts {
		d.fail(errDeep)
		return p
	}
	p.HeaderStart = base + d.int()
	p.BodyStart = p.HeaderStart + d.int()
	p.End = p.BodyStart + d.int()
	p.Lines = d.int()
	for _, s := range p.strings() {
		*s = d.string()
	}
	p.Params, p.DispositionParams = d.params(), d.params()
	for range d.count(1) {
		p.Language = append(p.Language, d.string())
	}
	switch kind := d.byte(); kind {
	case leafPart:
	case messagePart:
		envelope := d.envelope()
		p.Message = d.part(p.BodyStart, depth+1)
		p.Message.Envelope = envelope
	case multiPart:
		base = p.BodyStart
		for range d.count(1) {
			child := d.part(base, depth+1)
			p.Parts = append(p.Parts, child)
			base = child.End
		}
	default:
		d.fail(errShort)
	}
	return p
}

func (d *binaryReader) params() []Param {
	n := d.count(2)
	if n == 0 {
		return nil
	}
	params := make([]Param, n)
	for i := range params {
		params[i] = Param{d.string(), d.string()}
	}
	return params
}
