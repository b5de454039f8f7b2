//go:build linux

package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/control"
)

func newDomainCommand() *cobra.Command {
	var flags hostFlags
	cmd := &cobra.Command{
		Use:   "domain",
		Short: "Add, list and remove the domains that the server takes mail for",
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags.register(cmd)
	cmd.AddCommand(newDomainAdd(&flags), newDomainList(&flags), newDomainRemove(&flags))
	return cmd
}

func newDomainAdd(flags *hostFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "add DOMAIN",
		Short: "Take mail for a domain",
		Args:  exactly("a domain"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.AddDomain(ctx, args[0])
			})
		},
	}
}

func newDomainList(flags *hostFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the domains",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				domains, err := a.Domains(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), domains)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "DOMAIN\tACCOUNTS\tSINCE")
				for _, d := range domains {
					fmt.Fprintf(w, "%s\t%d\t%s\n", d.Name, d.Accounts, d.Created.Local().Format(time.DateOnly))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func newDomainRemove(flags *hostFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "remove DOMAIN",
		Short: "Take no more mail for a domain, which has no accounts left",
		Args:  exactly("a domain"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.RemoveDomain(ctx, args[0])
			})
		},
	}
}
