package main

import (
	"strings"

	"github.com/spf13/cobra"

	"postern/internal/doctor/report"
	"postern/internal/fault"
)

func newExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain FAULT-ID",
		Short: "Explain a fault: what it is, who can mend it and how",
		Long: `Explain prints the page of the fault catalogue for an id, such as TL07, or for a
name, such as certificate-expired. Both stand in every report and in the mail
host's log.`,
		Args: exactly("the id of a fault"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, ok := findFault(args[0])
			if !ok {
				return usageError("the catalogue has no fault %q; an id looks like TL07 and stands in every report", args[0])
			}
			return report.Page(cmd.OutOrStdout(), f)
		},
	}
}

// findFault finds an entry by id or name, whatever its case.
func findFault(arg string) (fault.Fault, bool) {
	if f, ok := fault.Lookup(fault.ID(strings.ToUpper(arg))); ok {
		return f, true
	}
	for _, f := range fault.All() {
		if f.Name == strings.ToLower(arg) {
			return f, true
		}
	}
	return fault.Fault{}, false
}
