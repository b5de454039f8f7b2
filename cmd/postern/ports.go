package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"postern/internal/doctor/report"
	"postern/internal/wire/ports"
)

func newPortsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ports [NUMBER]",
		Short: "Show the mail ports: what each is for and which to prefer",
		Args:  between(0, "the number of a port"),
		RunE: func(cmd *cobra.Command, args []string) error {
			list := ports.All()
			if len(args) == 1 {
				port, err := portArgument(args[0])
				if err != nil {
					return err
				}
				list = []ports.Port{port}
			}
			return report.Ports(cmd.OutOrStdout(), list)
		},
	}
}

// portArgument finds the mail port that the user means.
func portArgument(arg string) (ports.Port, error) {
	number, err := strconv.Atoi(arg)
	if err != nil || number < 1 || number > 65535 {
		return ports.Port{}, usageError("%q is no port: give a number from 1 to 65535", arg)
	}
	port, ok := ports.Lookup(number)
	if !ok {
		return ports.Port{}, usageError("%d is no mail port; postern ports lists them all", number)
	}
	return port, nil
}
