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
	"postern/internal/version"
)

func newServeCommand() *cobra.Command {
	var flags hostFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the mail server",
		Long: `Serve runs the mail server until it gets SIGTERM or an interrupt. SIGHUP, or
postern reload, has it read its configuration again.

postern config example prints a configuration to start from.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, &flags) },
	}
	flags.register(cmd)
	return cmd
}

func serve(cmd *cobra.Command, flags *hostFlags) error {
	c, err := flags.load(cmd)
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
	reloadOnSignal(cmd.Context(), host, logger)
	mailhost.Notify("STOPPING=1")
	return host.Stop(context.WithoutCancel(cmd.Context()))
}

// reloadOnSignal serves SIGHUP until ctx ends.
func reloadOnSignal(ctx context.Context, host *mailhost.Host, logger *slog.Logger) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-hangups:
			if _, err := host.Reload(ctx); err != nil {
				logger.Error("reload failed", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}
