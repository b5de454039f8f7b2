package main

import (
	"context"
	"io"
	"log/slog"
	"syscall"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/config"
	"postern/internal/mailhost/control"
)

// hostCommands serve and manage mail.
func hostCommands() []*cobra.Command {
	return []*cobra.Command{
		newServeCommand(),
		newDomainCommand(),
		newAccountCommand(),
		newBanCommand(),
		newAttemptsCommand(),
		newConfigCommand(),
		newReloadCommand(),
		newDemoCommand(),
		newLabCommand(),
	}
}

// defaultConfig is where the configuration is when nothing else is said.
const defaultConfig = "/etc/postern/postern.toml"

// hostFlags say which mail host a command is about.
type hostFlags struct{ config, data string }

func (f *hostFlags) register(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&f.config, "config", defaultConfig, "the server's configuration file")
	cmd.PersistentFlags().StringVar(&f.data, "data", "", "the data directory, instead of the one in the configuration")
}

// load reads the configuration; with --data it need not be there.
func (f *hostFlags) load(cmd *cobra.Command) (*config.Config, error) {
	if f.data != "" && !cmd.Flags().Changed("config") {
		c := config.Default()
		c.Data = f.data
		return &c, nil
	}
	c, err := config.Load(f.config)
	if err != nil {
		return nil, err
	}
	if f.data != "" {
		c.Data = f.data
	}
	return c, nil
}

// withAdmin runs do on the mail host that the flags name, whether its server
// runs or not.
func (f *hostFlags) withAdmin(cmd *cobra.Command, do func(context.Context, control.Admin) error) error {
	c, err := f.load(cmd)
	if err != nil {
		return err
	}
	keepPrivate()
	logger := newLogger(cmd.ErrOrStderr(), "text", slog.LevelWarn)
	admin, err := control.Open(cmd.Context(), c, logger)
	if err != nil {
		return err
	}
	err = do(cmd.Context(), admin)
	if closed := admin.Close(); err == nil {
		err = closed
	}
	return err
}

// keepPrivate has every file that is made from now on readable for this user
// only: mail is nobody else's.
func keepPrivate() { syscall.Umask(0o077) }

// newLogger writes log lines in one of the two formats of the configuration.
func newLogger(w io.Writer, format string, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
