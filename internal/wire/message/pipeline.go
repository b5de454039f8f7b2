package message

import (
	"io"
	"sync"

	"golang.org/x/text/transform"
)

// A pipeline reads text through a few transformers in a row, in memory that
// is used again: transform.NewReader would allocate more for a small message
// than the message has.
type pipeline struct {
	stages [4]stage
}

var pipelines = sync.Pool{New: func() any { return new(pipeline) }}

// reader returns what from holds, transformed. What was returned before is
// not valid any more.
func (p *pipeline) reader(from io.Reader, transformers ...transform.Transformer) io.Reader {
	for i, t := range transformers {
		s := &p.stages[i]
		s.from, s.t, s.start, s.end, s.err = from, t, 0, 0, nil
		t.Reset()
		from = s
	}
	return from
}

// release gives p back. No reader of it may be used after that.
func (p *pipeline) release() {
	for i := range p.stages {
		p.stages[i].from, p.stages[i].t = nil, nil
	}
	pipelines.Put(p)
}

// A stage reads through one transformer. Its Read wants a buffer that has room
// for any character.
type stage struct {
	from       io.Reader
	t          transform.Transformer
	buf        [4096]byte
	start, end int
	err        error // of from
}

func (s *stage) Read(p []byte) (int, error) {
	for {
		n, taken, err := s.t.Transform(p, s.buf[s.start:s.end], s.err == io.EOF)
		s.start += taken
		switch {
		case n > 0:
			return n, nil
		case err != nil && err != transform.ErrShortSrc:
			return 0, err
		case s.err != nil:
			return 0, s.err
		}
		s.end = copy(s.buf[:], s.buf[s.start:s.end])
		s.start = 0
		if s.end == len(s.buf) {
			return 0, err
		}
		n, s.err = s.from.Read(s.buf[s.end:])
		s.end += n
	}
}
