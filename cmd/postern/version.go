package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"postern/internal/version"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print which build this is",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "postern %s, diagnosis rules %d, %s %s/%s\n",
				version.Version(), version.Rules, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
