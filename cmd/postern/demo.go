//go:build linux

package main

import (
	"os"

	"github.com/spf13/cobra"

	"postern/internal/demo"
	"postern/internal/wire/ports"
)

func newDemoCommand() *cobra.Command {
	options := demo.Options{Command: commandName()}
	var offset int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it all on your own machine: a mail host, a letter, a check",
		Long: `Demo runs a mail host for demo.test on this machine's loopback addresses only,
sends a letter through it, fetches it over POP3 and IMAP, has postern check look
at it, and stays up until Ctrl-C for you to try things out.

Exit codes: 0 all of it held, 1 something did not, 64 usage.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			options.Offset = ports.Offset(offset)
			if err := options.Offset.Check(); err != nil {
				return usageError("%w", err)
			}
			if options.Program, err = os.Executable(); err != nil {
				return err
			}
			options.Out = cmd.OutOrStdout()
			return demo.Run(cmd.Context(), options)
		},
	}
	f := cmd.Flags()
	f.StringVar(&options.Dir, "data", "", "directory to keep everything in (default: a temporary one)")
	f.IntVar(&offset, "port-offset", 10000, "number added to the standard ports; 0 is the standard ports")
	f.BoolVar(&options.Once, "once", false, "end after the report")
	return cmd
}
