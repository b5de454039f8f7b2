package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// newHelpCommand takes the place of cobra's, which answers an unknown topic with
// the general help and success.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND or TOPIC]",
		Short: "Explain a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usageError("there is no command or topic %q; see postern help", strings.Join(args, " "))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// helpTopics are pages of `postern help`: cobra shows a command that can't be
// run as a help topic.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use:   "exit-codes",
			Short: "What the exit codes mean",
			Long: `Exit codes

    0   Done. For check and diagnose: healthy. What the user needs works, as
        far as it was tested; there may be warnings.
    1   For check and diagnose: a fault was found, something that stops or
        endangers the user. For every other command: it failed, and the line
        on standard error says why.
    2   For check and diagnose: could not test. The server was limiting us,
        the network was down, the run was interrupted, or the saved run can't
        be read. Neither health nor a fault was shown.
   64   The command line itself is wrong: an unknown command or flag, a missing
        or impossible argument. Nothing was done.

A script that only asks "does mail work?" tests for 0. One that must not raise
an alarm for a busy server treats 2 apart from 1.`,
		},
	}
}
