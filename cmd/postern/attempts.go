//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/control"
)

func newAttemptsCommand() *cobra.Command {
	var flags hostFlags
	var filter activity.Filter
	var since string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "attempts",
		Short: "List what clients tried: logins, wrong ports, wrong passwords",
		Long: `Attempts lists what clients tried, the newest last: logins that worked and that
did not, connections with the wrong protocol or security, and those that were
turned away. postern explain FAULT says what a fault means; the session is the
one in the client's error message and in the server's log.`,
		Example: `  postern attempts --since 2h
  postern attempts --account alice@example.com --since 2026-03-01`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if filter.Since, err = parseSince(since, time.Now()); err != nil {
				return err
			}
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				attempts, err := a.Attempts(ctx, filter)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), attempts)
				}
				return printAttempts(cmd.OutOrStdout(), attempts)
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&filter.Account, "account", "", "only this account")
	cmd.Flags().StringVar(&filter.Session, "session", "", "only this session, as an error message names it")
	cmd.Flags().StringVar(&since, "since", "", "only since then: an age such as 90m, 12h or 7d, or a time such as 2026-03-01 or 2026-03-01T14:30")
	cmd.Flags().IntVar(&filter.Limit, "limit", 1000, "only the newest so many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func printAttempts(out io.Writer, attempts []activity.Attempt) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tADDRESS\tPORT\tACCOUNT\tOUTCOME\tFAULT\tSESSION\tDETAIL")
	for _, a := range attempts {
		address, times := "many", ""
		if a.Address.IsValid() {
			address = a.Address.String()
		}
		if a.Count > 1 {
			times = fmt.Sprintf("%d times: ", a.Count)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", a.Time.Local().Format(time.DateTime), address, a.Port,
			dash(a.Account), a.Outcome, dash(string(a.Fault)), a.Session, times+describe(a))
	}
	return w.Flush()
}

// describe says in a line what was tried.
func describe(a activity.Attempt) string {
	if a.Detail != "" {
		return a.Detail
	}
	return strings.TrimSpace(a.Mechanism + " " + a.TLS)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// parseSince reads a time or an age; "" is the beginning of time.
func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if age, err := parseAge(s); err == nil && age >= 0 {
		return now.Add(-age), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly, time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError("--since %q is no age (90m, 12h, 7d) and no time (2026-03-01, 2026-03-01T14:30)", s)
}

// parseAge reads what time.ParseDuration does, and days.
func parseAge(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}

// printJSON prints one object per line.
func printJSON[T any](w io.Writer, items []T) error {
	enc := json.NewEncoder(w)
	for _, item := range items {
		if err := enc.Encode(item); err != nil {
			return err
		}
	}
	return nil
}
