package popd

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"postern/internal/wire/pop3"
)

// retr answers RETR: the whole message.
func (x *session) retr(ctx context.Context, c pop3.Command) error {
	return x.send(ctx, c.Message, func(r io.Reader) io.Reader { return r })
}

// top answers TOP: the header and so many lines of the body.
func (x *session) top(ctx context.Context, c pop3.Command) error {
	return x.send(ctx, c.Message, func(r io.Reader) io.Reader { return &topReader{r: r, lines: c.Lines} })
}

// send streams a message, or the part of it that cut lets through. Once it has
// begun, a failure can't be told from the message any more, so that the
// connection must end without the final dot.
func (x *session) send(ctx context.Context, number int, cut func(io.Reader) io.Reader) error {
	e, err := x.drop.at(number)
	if err != nil {
		x.refuse(err)
		return nil
	}
	b, err := x.drop.open(ctx, e)
	if err != nil {
		x.refuse(err)
		return nil
	}
	defer b.Close()
	x.reply(pop3.OK(fmt.Sprintf("%d octets", e.size)))
	w := pop3.NewBodyWriter(x.conn)
	if _, err := io.Copy(w, cut(b)); err != nil {
		return err
	}
	return w.Close()
}

// topReader ends a message after so many lines of its body.
type topReader struct {
	r     io.Reader
	lines int

	body   bool // the empty line has passed
	filled bool // the line has something in it already
}

func (t *topReader) Read(p []byte) (int, error) {
	if t.body && t.lines == 0 {
		return 0, io.EOF
	}
	n, err := t.r.Read(p)
	kept := 0
	for kept < n && !(t.body && t.lines == 0) {
		line := p[kept:n]
		end := bytes.IndexByte(line, '\n')
		if end >= 0 {
			line = line[:end+1]
		}
		kept += len(line)
		t.filled = t.filled || len(bytes.Trim(line, "\r\n")) > 0
		if end >= 0 {
			t.endLine()
		}
	}
	return kept, err
}

// endLine counts a line.
func (t *topReader) endLine() {
	switch {
	case t.body:
		t.lines--
	case !t.filled:
		t.body = true
	}
	t.filled = false
}
