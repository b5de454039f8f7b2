package mailhost

import (
	"context"
	"errors"

	"postern/internal/mailhost/door"
)

// Stop ends the service: listeners first, then sessions (each with its
// protocol's goodbye), then the commands at hand, the record of attempts, and
// last the store, which commits what waits, writes its checkpoint and lets go
// of the data directory.
func (h *Host) Stop(ctx context.Context) error {
	h.logger.Info("stopping", "sessions", h.guard.Connections())
	for _, b := range h.bound {
		b.Close()
	}
	goodbye, cancel := context.WithTimeout(ctx, door.Goodbye)
	h.door.Stop(goodbye)
	cancel()
	h.watching()
	h.running.Wait()
	err := h.release(ctx)
	h.logger.Info("stopped")
	return err
}

// release closes what was opened, the last first. It also cleans up after a
// start that failed half-way.
func (h *Host) release(ctx context.Context) error {
	var problems []error
	for _, b := range h.bound {
		b.Close()
	}
	if h.control != nil {
		h.control.Close(ctx)
	}
	if h.activity != nil {
		h.activity.Close()
	}
	if h.journal != nil {
		problems = append(problems, h.journal.Close())
	}
	if h.store != nil {
		problems = append(problems, h.store.Close())
	}
	return errors.Join(problems...)
}
