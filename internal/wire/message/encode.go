package message

// AppendEnvelope appends e's binary form to b. It is compact, begins with a
// version, and DecodeEnvelope of any later version reads it.
func AppendEnvelope(b []byte, e *Envelope) []byte { return nil }

// DecodeEnvelope reads what AppendEnvelope wrote. Any other bytes give an
// error, in bounded memory.
func DecodeEnvelope(b []byte) (*Envelope, error) { return nil, errNotYet }

// AppendTree appends the binary form of the tree under p to b, without p's own
// Envelope (which is most often wanted alone and has a form of its own), but
// with those of the messages inside.
func AppendTree(b []byte, p *Part) []byte { return nil }

// DecodeTree reads what AppendTree wrote. Any other bytes give an error, in
// bounded memory. The root's Envelope is nil.
func DecodeTree(b []byte) (*Part, error) { return nil, errNotYet }
