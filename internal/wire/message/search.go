package message

import (
	"bytes"
	"io"
	"iter"
	"strings"
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
	found, err := n.matchAny(fieldTexts(r, root))
	if found || err != nil {
		return found, err
	}
	return n.MatchBody(r, root)
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

func (n *Needle) matchAny(texts iter.Seq2[io.Reader, error]) (bool, error) {
	if n.folded == "" {
		return true, nil
	}
	for text, err := range texts {
		if err != nil {
			return false, err
		}
		if found, err := contains(foldedReader(text), n.folded); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// contains reports whether r has needle, which is not empty, in it.
func contains(r io.Reader, needle string) (bool, error) {
	const window = 32 << 10
	buf := make([]byte, 0, window+len(needle))
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if bytes.Contains(buf, []byte(needle)) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		// What is kept may be the start of a match.
		tail := min(len(buf), len(needle)-1)
		buf = buf[:copy(buf, buf[len(buf)-tail:])]
	}
}

// fieldTexts yields the fields of part's header as they are searched.
func fieldTexts(r io.ReaderAt, part *Part) iter.Seq2[io.Reader, error] {
	return func(yield func(io.Reader, error) bool) {
		for field, err := range Fields(part.Header(r)) {
			if !yield(strings.NewReader(field.Name+": "+field.Text()), err) {
				return
			}
		}
	}
}

// bodyTexts yields what is searched of part's body.
func bodyTexts(r io.ReaderAt, part *Part) iter.Seq2[io.Reader, error] {
	return func(yield func(io.Reader, error) bool) {
		var walk func(*Part) bool
		within := func(child *Part) bool {
			for text, err := range fieldTexts(r, child) {
				if !yield(text, err) {
					return false
				}
			}
			if name := child.Filename(); name != "" && !yield(strings.NewReader(name), nil) {
				return false
			}
			return walk(child)
		}
		walk = func(p *Part) bool {
			if p.Message != nil {
				return within(p.Message)
			}
			for _, child := range p.Parts {
				if !within(child) {
					return false
				}
			}
			return p.Type != "text" || yield(p.Text(r), nil)
		}
		walk(part)
	}
}
