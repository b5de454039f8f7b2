package door

import "io"

// output is the writing half of a connection, buffered while an answer is put
// together and without a buffer otherwise.
type output struct {
	send func(p []byte) (int, error) // writes all of p to the socket or fails
	buf  *[bufferSize]byte
	n    int
	err  error // the first failure; every later write repeats it
}

func (out *output) write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 && out.err == nil {
		if out.n == 0 && len(p) >= bufferSize {
			_, out.err = out.send(p)
			break
		}
		if out.buf == nil {
			out.buf = takeBuffer()
		}
		n := copy(out.buf[out.n:], p)
		out.n += n
		p = p[n:]
		if out.n == bufferSize {
			out.flush()
		}
	}
	if out.err != nil {
		return 0, out.err
	}
	return total, nil
}

// readFrom copies r to the socket through one buffer.
func (out *output) readFrom(r io.Reader) (int64, error) {
	var total int64
	for out.err == nil {
		if out.buf == nil {
			out.buf = takeBuffer()
		}
		n, err := r.Read(out.buf[out.n:])
		out.n += n
		total += int64(n)
		if out.n == bufferSize {
			out.flush()
		}
		if err == io.EOF {
			return total, out.err
		}
		if err != nil {
			return total, err
		}
	}
	return total, out.err
}

// flush sends what is buffered and gives the buffer back.
func (out *output) flush() error {
	if out.n > 0 && out.err == nil {
		_, out.err = out.send(out.buf[:out.n])
	}
	out.n = 0
	if out.buf != nil {
		giveBuffer(out.buf)
		out.buf = nil
	}
	return out.err
}
