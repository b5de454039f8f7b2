package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"postern/internal/mailhost/store/pack"
)

// A BodyReader reads the bytes of a stored message. They cannot be removed
// while it is open.
type BodyReader struct{ *pack.Reader }

// OpenBody opens the bytes of a stored message.
func (s *Store) OpenBody(ctx context.Context, id MessageID) (*BodyReader, error) {
	r, err := s.readBody(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		// Was the message removed since its row was read?
		if r, err = s.readBody(ctx, id); errors.Is(err, fs.ErrNotExist) {
			err = errors.Join(ErrDamaged, err)
		}
	}
	switch {
	case errors.Is(err, pack.ErrDamaged):
		return nil, fmt.Errorf("message %d: %w: %w", id, ErrDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("message %d: %w", id, err)
	}
	return &BodyReader{r}, nil
}

func (s *Store) readBody(ctx context.Context, id MessageID) (*pack.Reader, error) {
	var ref pack.Ref
	err := s.Read(ctx, func(tx *ReadTx) error {
		ok, err := tx.Get("select segment, position, size from message where id = $1", []any{id},
			&ref.Segment, &ref.Offset, &ref.Size)
		if err == nil && !ok {
			err = ErrNoMessage
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.pack.Read(ref)
}

func damagedRow(id MessageID, what string, err error) error {
	return fmt.Errorf("message %d: %w: its %s: %w", id, ErrDamaged, what, err)
}
