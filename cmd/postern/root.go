package main

import (
	"github.com/spf13/cobra"

	"postern/internal/version"
)

const (
	groupDoctor = "doctor"
	groupHost   = "host"
)

// newRootCommand builds the whole command line.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "postern",
		Short: "A mail host, and a doctor for mail connections",
		Long: `Postern serves mail on every standard port, and finds out why any mail program
can't reach any mail server.

To find out why mail does not work:   postern check you@example.com
To see it all on your own machine:    postern demo`,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       version.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError("%v; see %s --help", err, cmd.CommandPath())
	})
	root.SetVersionTemplate("postern {{.Version}}\n")
	root.AddGroup(
		&cobra.Group{ID: groupDoctor, Title: "Why mail does not work:"},
		&cobra.Group{ID: groupHost, Title: "The mail host:"},
	)
	add := func(group string, commands []*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupDoctor, doctorCommands())
	add(groupHost, hostCommands())
	root.AddCommand(newVersionCommand())
	root.SetHelpCommand(newHelpCommand())
	root.AddCommand(helpTopics()...)
	return root
}

// doctorCommands run on every system.
func doctorCommands() []*cobra.Command {
	return []*cobra.Command{
		newCheckCommand(),
		newDiagnoseCommand(),
		newExplainCommand(),
		newPortsCommand(),
	}
}
