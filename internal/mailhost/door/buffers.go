package door

import "sync"

// bufferSize holds any SMTP and POP3 line and nearly every IMAP line; longer
// ones are gathered elsewhere.
const bufferSize = 4096

// buffers lends read and write buffers to sessions that have something to
// read or write. A session that waits holds none.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

func takeBuffer() *[bufferSize]byte  { return buffers.Get().(*[bufferSize]byte) }
func giveBuffer(b *[bufferSize]byte) { buffers.Put(b) }
