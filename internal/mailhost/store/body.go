package store

import (
	"context"

	"postern/internal/wire/message"
)

// A Body is a staged message that can be delivered. Discard must be called in
// the end, also after Deliver.
type Body struct{}

// Size is the message's size in bytes.
func (b *Body) Size() int64 { return 0 }

// Message is the message's part tree.
func (b *Body) Message() *message.Part { return nil }

// ReadAt reads the message's bytes.
func (b *Body) ReadAt(p []byte, off int64) (int, error) { return 0, errNotYet }

// Discard releases what the Body holds. A message that was delivered stays.
func (b *Body) Discard() {}

// A BodyReader reads the bytes of a stored message. They cannot be removed
// while it is open.
type BodyReader struct{}

// OpenBody opens the bytes of a stored message.
func (s *Store) OpenBody(ctx context.Context, id MessageID) (*BodyReader, error) {
	return nil, errNotYet
}

// Size is the message's size in bytes.
func (r *BodyReader) Size() int64 { return 0 }

// ReadAt reads the message's bytes.
func (r *BodyReader) ReadAt(p []byte, off int64) (int, error) { return 0, errNotYet }

// Close lets go of the bytes.
func (r *BodyReader) Close() error { return errNotYet }
