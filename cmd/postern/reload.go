//go:build linux

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/control"
)

func newReloadCommand() *cobra.Command {
	var flags hostFlags
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Have the running server read its configuration again",
		Long: `Reload has the running server read its configuration and certificates again. It
takes over all of it, or, when there is a mistake in it, nothing, and says what
takes a restart. Open sessions go on as they began.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := flags.load(cmd)
			if err != nil {
				return err
			}
			server, err := control.Dial(cmd.Context(), c.Data)
			if err != nil {
				return err
			}
			defer server.Close()
			done, err := server.Reload(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "reloaded")
			if len(done.NeedsRestart) > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "these changes need a restart: %s\n", strings.Join(done.NeedsRestart, ", "))
			}
			return nil
		},
	}
	flags.register(cmd)
	return cmd
}
