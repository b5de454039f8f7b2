//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/control"
	"postern/internal/mailhost/guard"
)

func newBanCommand() *cobra.Command {
	var flags hostFlags
	cmd := &cobra.Command{
		Use:   "ban",
		Short: "See and decide who may not connect or log in",
		Long: `A ban that you add keeps an address or a network from connecting at all. What
follows too many failed logins keeps an address, a network or an account from
logging in for a while. List shows both, remove lifts either.`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags.register(cmd)
	cmd.AddCommand(newBanAdd(&flags), newBanList(&flags), newBanRemove(&flags))
	return cmd
}

func newBanAdd(flags *hostFlags) *cobra.Command {
	var length, reason string
	cmd := &cobra.Command{
		Use:   "add ADDRESS|NETWORK",
		Short: "Keep an address or a network from connecting",
		Args:  exactly("an address or a network"),
		RunE: func(cmd *cobra.Command, args []string) error {
			network, err := guard.ParseNetwork(args[0])
			if err != nil {
				return usageError("%w", err)
			}
			ban := guard.Ban{Network: network, Reason: reason}
			if length != "" {
				d, err := parseAge(length)
				if err != nil || d <= 0 {
					return usageError("--for %q is no time; give one such as 90m, 12h or 30d", length)
				}
				ban.Until = time.Now().Add(d).UTC()
			}
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.AddBan(ctx, ban)
			})
		},
	}
	cmd.Flags().StringVar(&length, "for", "", "how long, such as 90m, 12h or 30d (default: until it is removed)")
	cmd.Flags().StringVar(&reason, "reason", "by hand", "a note for yourself")
	return cmd
}

func newBanList(flags *hostFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who is kept out, from what, and until when",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				bans, err := a.Bans(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), bans)
				}
				return printBans(cmd.OutOrStdout(), bans)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func printBans(out io.Writer, bans []guard.Ban) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHO\tKEPT FROM\tSINCE\tUNTIL\tWHY")
	for _, b := range bans {
		until := "removed"
		if !b.Until.IsZero() {
			until = b.Until.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", b.Subject(), b.Scope, b.Since.Local().Format(time.DateTime), until, b.Reason)
	}
	return w.Flush()
}

func newBanRemove(flags *hostFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "remove ADDRESS|NETWORK|ACCOUNT",
		Short: "Let somebody in again",
		Args:  exactly("what postern ban list shows under WHO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.RemoveBan(ctx, args[0])
			})
		},
	}
}
