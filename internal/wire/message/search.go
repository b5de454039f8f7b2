package message

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"

	"golang.org/x/text/transform"
)

// A Needle is a string that is looked for in messages as IMAP's SEARCH does:
// it matches where it is a substring, compared without case and form
// (i;unicode-casemap, RFC 5051). The empty needle matches everything that
// is there. A Needle may be used by several goroutines.
type Needle struct{ folded string }

// NewNeedle prepares the search for s, which is read as UTF-8.
func NewNeedle(s string) *Needle { return &Needle{foldString(s)} }

// MatchText reports whether the header or the body contains the needle: IMAP's
// TEXT. What is looked at is the message's header fields, as "Name: value"
// with encoded words decoded, and what MatchBody looks at.
func (n *Needle) MatchText(r io.ReaderAt, root *Part) (bool, error) {
	return n.matchAny(allTexts(r, root))
}

// MatchBody reports whether the body contains the needle: IMAP's BODY. What is
// looked at is the decoded text of every leaf of type text, the header fields
// of body parts and of messages inside, and their file names.
func (n *Needle) MatchBody(r io.ReaderAt, root *Part) (bool, error) {
	return n.matchAny(bodyTexts(r, root))
}

// MatchField reports whether a field of that name (compared without case) in
// the message's own header contains the needle: IMAP's HEADER, SUBJECT, FROM
// and so on.
func (n *Needle) MatchField(r io.ReaderAt, root *Part, name string) (bool, error) {
	for field, err := range Fields(root.Header(r)) {
		if err != nil {
			return false, err
		}
		if strings.EqualFold(field.Name, name) && n.MatchString(field.Text()) {
			return true, nil
		}
	}
	return false, nil
}

// MatchString reports whether s contains the needle.
func (n *Needle) MatchString(s string) bool { return strings.Contains(foldString(s), n.folded) }

func (n *Needle) matchAny(texts iter.Seq[io.Reader]) (bool, error) {
	if n.folded == "" {
		return true, nil
	}
	w := windows.Get().(*window)
	defer windows.Put(w)
	for text := range texts {
		if found, err := w.contains(text, n.folded); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// A window is the part of a text in which a needle is looked for.
type window [16 << 10]byte

var windows = sync.Pool{New: func() any { return new(window) }}

// contains reports whether r has needle, which is not empty, in it.
func (w *window) contains(r io.Reader, needle string) (bool, error) {
	buf := w[:]
	if len(needle) > len(buf)/2 {
		buf = make([]byte, 2*len(needle))
	}
	for have := 0; ; {
		n, err := r.Read(buf[have:])
		have += n
		if bytes.Contains(buf[:have], []byte(needle)) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		// What is kept may be the start of a match.
		tail := min(have, len(needle)-1)
		have = copy(buf, buf[have-tail:have])
	}
}

// allTexts yields what is searched of a message, folded. Each reader is valid
// until the next one.
func allTexts(r io.ReaderAt, root *Part) iter.Seq[io.Reader] {
	return func(yield func(io.Reader) bool) {
		w := textWalk{source: r, pipe: pipelines.Get().(*pipeline), yield: yield}
		defer w.pipe.release()
		_ = w.header(root) && w.body(root)
	}
}

// bodyTexts yields what is searched of a message's body, folded. Each reader
// is valid until the next one.
func bodyTexts(r io.ReaderAt, root *Part) iter.Seq[io.Reader] {
	return func(yield func(io.Reader) bool) {
		w := textWalk{source: r, pipe: pipelines.Get().(*pipeline), yield: yield}
		defer w.pipe.release()
		w.body(root)
	}
}

// A textWalk hands the texts of a message to yield, until that returns false.
type textWalk struct {
	source io.ReaderAt
	pipe   *pipeline
	yield  func(io.Reader) bool
}

func (w *textWalk) text(from io.Reader, decoders ...transform.Transformer) bool {
	return w.yield(w.pipe.reader(from, append(decoders, folding()...)...))
}

func (w *textWalk) header(p *Part) bool {
	next, stop := iter.Pull2(Fields(p.Header(w.source)))
	defer stop()
	return w.text(&fieldReader{next: next})
}

func (w *textWalk) body(p *Part) bool {
	switch {
	case p.Message != nil:
		return w.inner(p.Message)
	case p.Type == "text":
		var decoders []transform.Transformer
		if d := p.encodingDecoder(); d != nil {
			decoders = append(decoders, d)
		}
		// UTF-8 goes as it is: folding replaces what is not valid, too.
		if charset := ParamValue(p.Params, "charset"); !strings.EqualFold(charset, "utf-8") {
			decoders = append(decoders, charsetDecoder(charset))
		}
		return w.text(p.Body(w.source), decoders...)
	}
	for _, child := range p.Parts {
		if !w.inner(child) {
			return false
		}
	}
	return true
}

// inner walks over a part that is not the whole.
func (w *textWalk) inner(p *Part) bool {
	if !w.header(p) {
		return false
	}
	if name := p.Filename(); name != "" && !w.text(strings.NewReader(name)) {
		return false
	}
	return w.body(p)
}

// A fieldReader reads header fields as lines "Name: value", decoded.
type fieldReader struct {
	next func() (Field, error, bool)
	line []byte
}

func (f *fieldReader) Read(p []byte) (int, error) {
	if len(f.line) == 0 {
		field, err, ok := f.next()
		if !ok {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		f.line = fmt.Appendf(f.line[:0], "%s: %s\r\n", field.Name, field.Text())
	}
	n := copy(p, f.line)
	f.line = f.line[n:]
	return n, nil
}
