package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"postern/internal/mailhost/activity/journal"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/store"
)

// patience is how long Open waits for a data directory that is neither free nor
// served: its server is just starting or stopping.
const patience = 10 * time.Second

// Open returns the Admin of a data directory: the running server, where there
// is one, otherwise the directory itself.
func Open(ctx context.Context, c *config.Config, logger *slog.Logger) (Admin, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		client, err := Dial(ctx, c.Data)
		if err == nil {
			return client, nil
		}
		if !errors.Is(err, ErrNotRunning) {
			return nil, err
		}
		offline, err := openOffline(context.WithoutCancel(ctx), c, logger)
		if err == nil || !errors.Is(err, store.ErrLocked) {
			return offline, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w, and it does not answer on its control socket", err)
		}
	}
}

// offline is a Local that owns what it works on.
type offline struct {
	*Local
	journal *journal.Journal
}

func openOffline(ctx context.Context, c *config.Config, logger *slog.Logger) (Admin, error) {
	if err := ownDirectory(c.Data); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Options{Dir: c.Data, Logger: logger})
	if err != nil {
		return nil, err
	}
	o := &offline{Local: &Local{Store: s, Guard: guard.New(func() *config.Config { return c })}}
	if err := o.fill(ctx, c, logger); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return o, nil
}

func (o *offline) fill(ctx context.Context, c *config.Config, logger *slog.Logger) error {
	people, err := directory.New(o.Store, nil)
	if err != nil {
		return err
	}
	bans, err := guard.KeptBans(ctx, o.Store)
	if err != nil {
		return err
	}
	o.Guard.SetBans(bans)
	o.journal, err = journal.Open(ctx, ActivityPath(c.Data), logger, JournalLimits(func() *config.Config { return c }))
	if err != nil {
		return err
	}
	o.Directory, o.Journal = people, o.journal
	return nil
}

// Close lets go of the data directory.
func (o *offline) Close() error { return errors.Join(o.journal.Close(), o.Store.Close()) }

// ActivityPath is where the attempts of a data directory are kept.
func ActivityPath(data string) string { return filepath.Join(data, "activity.db") }

// JournalLimits are the configuration's bounds of that file.
func JournalLimits(current func() *config.Config) func() journal.Limits {
	return func() journal.Limits { return journal.Limits(current().Activity) }
}

// ownDirectory refuses to work as root in a directory of another user: the files
// made there would be root's, and the server could not open them any more.
func ownDirectory(data string) error {
	info, err := os.Stat(data)
	if err != nil || os.Geteuid() != 0 {
		return nil // it will be made, or opening it says what is wrong
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return nil
	}
	name := strconv.Itoa(int(stat.Uid))
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return fmt.Errorf("%s belongs to the user %s and the server is not running; run this as that user: sudo -u %s postern …", data, name, name)
}
