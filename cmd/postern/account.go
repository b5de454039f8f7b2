//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"postern/internal/mailhost/control"
	"postern/internal/secret"
)

func newAccountCommand() *cobra.Command {
	var flags hostFlags
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Add, list and remove the people who have mail here; change passwords",
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags.register(cmd)
	cmd.AddCommand(newAccountAdd(&flags), newAccountList(&flags), newAccountPasswd(&flags), newAccountRemove(&flags))
	return cmd
}

// passwordHelp is the same for all commands that take a new password.
const passwordHelp = `The password is asked for, twice, in a terminal; otherwise it is the first line
of standard input, or of the file given with --password-file.`

func newAccountAdd(flags *hostFlags) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "add ADDRESS",
		Short: "Add an account, with its mailboxes",
		Long:  "Add makes an account with the mailboxes INBOX, Drafts, Sent, Junk, Trash and\nArchive. Its domain has to be one of the server's.\n\n" + passwordHelp,
		Args:  exactly("an address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := newPassword(cmd, file)
			if err != nil {
				return err
			}
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.AddAccount(ctx, args[0], password)
			})
		},
	}
	passwordFlag(cmd, &file)
	return cmd
}

func newAccountPasswd(flags *hostFlags) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "passwd ADDRESS",
		Short: "Give an account another password",
		Long:  "Passwd changes an account's password. Sessions that are logged in stay so.\n\n" + passwordHelp,
		Args:  exactly("an address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := newPassword(cmd, file)
			if err != nil {
				return err
			}
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.SetPassword(ctx, args[0], password)
			})
		},
	}
	passwordFlag(cmd, &file)
	return cmd
}

func passwordFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "password-file", "", `file whose first line is the password; "-" is standard input`)
}

// newPassword gets the password that an account shall have.
func newPassword(cmd *cobra.Command, file string) (secret.Secret, error) {
	ask := newDialogue(cmd.InOrStdin(), cmd.ErrOrStderr())
	switch {
	case file != "":
		return readPassword(file, cmd.InOrStdin())
	case ask == nil:
		return readPassword("-", cmd.InOrStdin())
	}
	first, err := ask.password("New password: ")
	if err != nil {
		return first, err
	}
	again, err := ask.password("The same again: ")
	if err == nil && !first.Equal(again) {
		err = errors.New("the two passwords differ; nothing was changed")
	}
	return first, err
}

func newAccountList(flags *hostFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [DOMAIN]",
		Short: "List the accounts of a domain, or all",
		Args:  between(0, "a domain"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				domain := ""
				if len(args) == 1 {
					domain = args[0]
				}
				accounts, err := a.Accounts(ctx, domain)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), accounts)
				}
				return printAccounts(cmd.OutOrStdout(), accounts)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func printAccounts(out io.Writer, accounts []control.Account) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ADDRESS\tSINCE")
	for _, a := range accounts {
		fmt.Fprintf(w, "%s\t%s\n", a.Address, a.Created.Local().Format(time.DateOnly))
	}
	return w.Flush()
}

func newAccountRemove(flags *hostFlags) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove ADDRESS",
		Short: "Remove an account and all of its mail",
		Long:  "Remove removes an account and all of its mail for good. In a terminal it asks\nfirst, unless --yes is given.",
		Args:  exactly("an address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask := newDialogue(cmd.InOrStdin(), cmd.ErrOrStderr())
			if ask != nil && !yes {
				answer, err := ask.line(fmt.Sprintf("Remove %s and all of its mail? Type the address again: ", args[0]))
				if err != nil {
					return err
				}
				if answer != args[0] {
					return errors.New("nothing was removed")
				}
			}
			return flags.withAdmin(cmd, func(ctx context.Context, a control.Admin) error {
				return a.RemoveAccount(ctx, args[0])
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
