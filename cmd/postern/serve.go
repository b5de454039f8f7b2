//go:build linux

package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"postern/internal/mailhost"
	"postern/internal/mailhost/config"
	"postern/internal/version"
)

func newServeCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the mail server",
		Long: `Serve runs the mail server until it gets SIGTERM or an interrupt. SIGHUP, or
postern reload, has it read its configuration again.

postern config example prints a configuration to start from.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, file) },
	}
	cmd.Flags().StringVar(&file, "config", defaultConfig, "the configuration file")
	return cmd
}

func serve(cmd *cobra.Command, file string) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	c, err := config.Load(file)
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	level.Set(mailhost.LogLevel(c))
	logger := newLogger(cmd.ErrOrStderr(), c.Log.Format, level)
	logger.Info("starting", "version", version.Version(), "hostname", c.Hostname, "data", c.Data)

	keepPrivate()
	host, err := mailhost.Start(cmd.Context(), mailhost.Options{Config: c, Logger: logger, Level: level})
	if err != nil {
		return err
	}
	mailhost.Notify("READY=1")
	reloadOnSignal(cmd.Context(), hangups, host, logger)
	mailhost.Notify("STOPPING=1")
	return host.Stop(context.WithoutCancel(cmd.Context()))
}

// reloadOnSignal serves SIGHUP until ctx ends.
func reloadOnSignal(ctx context.Context, hangups <-chan os.Signal, host *mailhost.Host, logger *slog.Logger) {
	for {
		select {
		case <-hangups:
			mailhost.NotifyReloading()
			if _, err := host.Reload(ctx); err != nil {
				logger.Error("reload failed", "error", err)
			}
			mailhost.Notify("READY=1")
		case <-ctx.Done():
			return
		}
	}
}
