// Package mailhost is the mail service: it puts the store, the directory, the
// front doors and everything around them together, starts them, reloads them
// and stops them in an order that loses nothing.
//
// What each part does is the part's own business; this package only knows who
// needs whom. It runs on Linux.
package mailhost

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/activity/journal"
	"postern/internal/mailhost/certs"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/control"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/store"
	"postern/internal/version"
)

// Options is what a Host needs.
type Options struct {
	Config *config.Config
	Logger *slog.Logger
	Level  *slog.LevelVar // of Logger; a reload sets it
}

// Host is a running mail host.
type Host struct {
	config  atomic.Pointer[config.Config]
	logger  *slog.Logger
	level   *slog.LevelVar
	metrics *prometheus.Registry
	started time.Time

	store     *store.Store
	directory *directory.Directory
	journal   *journal.Journal
	activity  *activity.Log
	guard     *guard.Guard
	certs     *certs.Certificates
	door      *door.Server
	control   *control.Server
	bound     []binding

	reloading sync.Mutex
	watching  context.CancelFunc
	running   sync.WaitGroup // accept loops and the certificate watch
}

// Start opens the data directory and the ports and begins to serve. When it
// fails, everything that it had opened is closed again.
func Start(ctx context.Context, o Options) (_ *Host, err error) {
	h := &Host{logger: o.Logger, level: o.Level, metrics: prometheus.NewRegistry(), started: time.Now()}
	h.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h.config.Store(fitLimits(o.Config, o.Logger))
	defer func() {
		if err != nil {
			err = errors.Join(err, h.release(ctx))
		}
	}()
	if err := h.openData(ctx); err != nil {
		return nil, err
	}
	c := h.current()
	if h.certs, err = certs.Open(c, h.logger, h.metrics); err != nil {
		return nil, err
	}
	if h.bound, err = bindAll(ctx, c.Listen, h.logger); err != nil {
		return nil, err
	}
	h.door = door.NewServer(door.Options{
		Ports:       h.ports(),
		Protocols:   h.protocols(),
		Certificate: h.certs.Get,
		Gate:        h.guard,
		Record:      h.activity,
		Logger:      h.logger,
		Metrics:     h.metrics,
		Rand:        rand.Reader,
	})
	if h.control, err = control.Listen(c.Data, h.served()); err != nil {
		return nil, err
	}
	h.serve()
	return h, nil
}

// openData opens what is kept: mail, people, bans, attempts.
func (h *Host) openData(ctx context.Context) (err error) {
	c := h.current()
	h.store, err = store.Open(ctx, store.Options{Dir: c.Data, Logger: h.logger, Metrics: h.metrics})
	switch {
	case errors.Is(err, store.ErrLocked):
		return fmt.Errorf("%w; a server is running on it already, or a command is at work", err)
	case err != nil:
		return err
	}
	if h.directory, err = directory.New(h.store, rand.Reader); err != nil {
		return err
	}
	bans, err := guard.KeptBans(ctx, h.store)
	if err != nil {
		return err
	}
	h.guard = guard.New(h.current)
	h.guard.SetBans(bans)
	file := control.ActivityPath(c.Data)
	if h.journal, err = journal.Open(ctx, file, h.logger, control.JournalLimits(h.current)); err != nil {
		return err
	}
	h.activity = activity.NewLog(h.journal, h.logger, h.metrics)
	return nil
}

// serve begins to accept.
func (h *Host) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	h.watching = cancel
	h.running.Go(func() { h.certs.Watch(ctx) })
	for _, b := range h.bound {
		h.running.Go(func() {
			if err := h.door.Serve(b.Listener, b.port); err != nil {
				h.logger.Error("a port is closed", "port", b.port.Number, "error", err)
			}
		})
		h.logger.Info("listening", "address", b.Addr(), "protocol", b.port.Protocol, "security", b.port.Security, "role", b.port.Role)
	}
}

// current is the configuration of now.
func (h *Host) current() *config.Config { return h.config.Load() }

// served is what the control socket offers.
func (h *Host) served() control.Served {
	return control.Served{
		Admin: &control.Local{
			Store: h.store, Directory: h.directory, Guard: h.guard,
			Journal: h.journal, Flush: h.activity.Flush,
		},
		Reload:  h.Reload,
		Status:  h.Status,
		Healthy: h.healthy,
		Metrics: h.metrics,
		Logger:  h.logger,
	}
}

// Status says what runs.
func (h *Host) Status() control.Status {
	s := control.Status{
		Version: version.Version(), PID: os.Getpid(), Hostname: h.current().Hostname,
		Started: h.started, Sessions: h.guard.Connections(),
	}
	for _, b := range h.bound {
		s.Listening = append(s.Listening, control.Listening{
			Address:  b.Addr().String(),
			Protocol: string(b.port.Protocol), Security: string(b.port.Security), Role: string(b.port.Role),
		})
	}
	return s
}

// healthy asks the store for a row.
func (h *Host) healthy(ctx context.Context) error {
	return h.store.Read(ctx, func(tx *store.ReadTx) error {
		var one int
		_, err := tx.Get("select 1", nil, &one)
		return err
	})
}

// Reload reads the configuration file again and takes it over, all of it or,
// with an error, nothing. Sessions keep what they began with. Keys that need a
// restart are named and stay as they were.
func (h *Host) Reload(context.Context) (control.Reloaded, error) {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	old := h.current()
	next, err := config.Load(old.File)
	if err != nil {
		return control.Reloaded{}, fmt.Errorf("nothing was changed: %w", err)
	}
	restart := old.NeedsRestart(next)
	next = fitLimits(old.Running(next), h.logger)
	prepared, err := certs.Prepare(next)
	if err != nil {
		return control.Reloaded{}, fmt.Errorf("nothing was changed: %w", err)
	}
	h.certs.Use(next, prepared)
	h.config.Store(next)
	if h.level != nil {
		h.level.Set(LogLevel(next))
	}
	h.logger.Info("configuration reloaded", "file", next.File, "needs restart", restart)
	return control.Reloaded{NeedsRestart: restart}, nil
}

// LogLevel is the level that a configuration asks for.
func LogLevel(c *config.Config) slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(c.Log.Level)) != nil {
		return slog.LevelInfo
	}
	return level
}
