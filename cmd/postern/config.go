//go:build linux

package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/config"
)

func newConfigCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print an example configuration, or check yours",
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "example",
			Short: "Print a commented configuration with every key and its default",
			Args:  exactly(),
			RunE: func(cmd *cobra.Command, _ []string) error {
				_, err := io.WriteString(cmd.OutOrStdout(), config.Example)
				return err
			},
		},
		&cobra.Command{
			Use:   "check [FILE]",
			Short: "Say what is wrong with a configuration file",
			Args:  between(0, "a configuration file"),
			RunE: func(cmd *cobra.Command, args []string) error {
				file := defaultConfig
				if len(args) == 1 {
					file = args[0]
				}
				if _, err := config.Load(file); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is fine\n", file)
				return err
			},
		},
	)
	return cmd
}
