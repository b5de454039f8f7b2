package main

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"postern/internal/dns"
	"postern/internal/doctor"
	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/discover"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/probe"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// checkFlags are the flags of `postern check` as typed.
type checkFlags struct {
	user, passwordFile, resolver, ca, save string

	only          []string
	offset        int
	timeout       time.Duration
	asJSON        bool
	insecureLogin bool
}

func newCheckCommand() *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check [TARGET]",
		Short: "Find out why mail does not work",
		Long: `Check looks at the mail servers of TARGET as a mail program would and says what
is wrong, who must act and what to do, and which settings work. TARGET is an
address (you@example.com), a domain, a host, a host:port or an IP. Without it,
check asks for the address.

With a user name and a password it logs in, opens the mailbox and leaves. The
password goes into encrypted connections to a proven server only, and a run
costs at most two refused logins. Nothing on the server is changed.

Exit codes: 0 healthy, 1 a fault was found, 2 could not test, 64 usage.`,
		Example: `  postern check you@example.com
  postern check mail.example.com:993 --user you --password-file password.txt
  postern check example.com --only imap,smtp --json`,
		Args: between(0, "an address, a domain, a host or a host:port"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.check(cmd, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.user, "user", "", "user `NAME` to log in with (default: the address)")
	f.StringVar(&flags.passwordFile, "password-file", "", "`FILE` whose first line is the password; - is standard input (default: asked for, in a terminal)")
	f.StringSliceVar(&flags.only, "only", nil, "`PROTOCOLS` to look at: imap, pop3, smtp")
	f.BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	f.StringVar(&flags.save, "save", "", "write what was seen to `FILE`, for postern diagnose")
	f.StringVar(&flags.resolver, "resolver", "", "DNS server to ask, `ADDR` or ADDR:PORT (default: the system's)")
	f.StringVar(&flags.ca, "ca", "", "PEM `FILE` of the authorities to trust (default: the system's)")
	f.IntVar(&flags.offset, "port-offset", 0, "`NUMBER` added to the standard ports")
	f.DurationVar(&flags.timeout, "timeout", 90*time.Second, "longest `TIME` for the whole run")
	f.BoolVar(&flags.insecureLogin, "insecure-login", false, "send the password even where anybody could read it")
	return cmd
}

func (f *checkFlags) check(cmd *cobra.Command, args []string) error {
	opts, err := f.options(cmd, args)
	if err != nil {
		return err
	}
	var saved *os.File
	if f.save != "" { // before the run, which may take a while
		if saved, err = os.OpenFile(f.save, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return usageError("can't save to the file: %w", err)
		}
		defer saved.Close()
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), f.timeout)
	defer cancel()
	run := doctor.Check(ctx, opts)
	if saved != nil {
		if err := errors.Join(evidence.Save(saved, run), saved.Close()); err != nil {
			return untestedError("save to %s: %w", f.save, err)
		}
	}
	return showResult(cmd.OutOrStdout(), run, diagnose.Judge(run), f.asJSON)
}

// options reads the flags and asks for what is missing. Its errors are those of
// the command line.
func (f *checkFlags) options(cmd *cobra.Command, args []string) (doctor.Options, error) {
	opts := doctor.Options{
		User:          f.user,
		Offset:        ports.Offset(f.offset),
		InsecureLogin: f.insecureLogin,
		Limits:        probe.DefaultLimits,
	}
	ask := newDialogue(cmd.InOrStdin(), cmd.ErrOrStderr())
	var err error
	if opts.Target, err = f.target(ask, args); err != nil {
		return opts, err
	}
	if strings.ContainsFunc(f.user, unicode.IsControl) {
		return opts, usageError("the user name %q has characters that no user name has", f.user)
	}
	if f.timeout <= 0 {
		return opts, usageError("--timeout %s is no time to test anything in", f.timeout)
	}
	if err := opts.Offset.Check(); err != nil {
		return opts, usageError("%w", err)
	}
	if opts.Only, err = f.protocols(); err != nil {
		return opts, err
	}
	if opts.Resolver, opts.Server, err = f.dns(); err != nil {
		return opts, err
	}
	if opts.Roots, err = f.roots(); err != nil {
		return opts, err
	}
	opts.Password, err = f.password(ask, cmd.InOrStdin(), opts.Target)
	return opts, err
}

func (f *checkFlags) target(ask *dialogue, args []string) (evidence.Target, error) {
	var input string
	switch {
	case len(args) == 1:
		input = args[0]
	case ask == nil:
		return evidence.Target{}, usageError("give an address, a domain or a host to check, such as postern check you@example.com")
	default:
		var err error
		if input, err = ask.line("Your mail address: "); err != nil {
			return evidence.Target{}, unanswered("no address was given: %w", err)
		}
	}
	target, err := discover.ParseTarget(input)
	if err != nil {
		return target, usageError("%w", err)
	}
	return target, nil
}

func (f *checkFlags) protocols() ([]ports.Protocol, error) {
	known := []ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP}
	var only []ports.Protocol
	for _, name := range f.only {
		p := ports.Protocol(strings.ToLower(strings.TrimSpace(name)))
		if !slices.Contains(known, p) {
			return nil, usageError("--only %q: the protocols are imap, pop3 and smtp", name)
		}
		if !slices.Contains(only, p) {
			only = append(only, p)
		}
	}
	return only, nil
}

func (f *checkFlags) dns() (r dns.Resolver, server string, err error) {
	if f.resolver == "" {
		if r, err = dns.System(); err != nil {
			return nil, "", untestedError("%w", err)
		}
		return r, "", nil
	}
	addr, err := dns.ParseServer(f.resolver)
	if err != nil {
		return nil, "", usageError("%w", err)
	}
	return dns.Servers{addr}, addr.String(), nil
}

func (f *checkFlags) roots() (*x509.CertPool, error) {
	if f.ca == "" {
		return nil, nil
	}
	pool, err := pki.ReadPool(f.ca)
	if err != nil {
		return nil, usageError("--ca: %w", err)
	}
	return pool, nil
}

// password reads the password from the file, or asks for it where there is a
// user name to go with it. None at all means that nobody logs in.
func (f *checkFlags) password(ask *dialogue, stdin io.Reader, target evidence.Target) (secret.Secret, error) {
	user := f.user
	if user == "" {
		user = target.User
	}
	switch {
	case f.passwordFile != "" && user == "":
		return secret.Secret{}, usageError("a password needs a user name: give --user or a mail address")
	case f.passwordFile != "":
		password, err := readPassword(f.passwordFile, stdin)
		if err != nil {
			return password, usageError("%w", err)
		}
		return password, nil
	case ask == nil || user == "":
		return secret.Secret{}, nil
	}
	password, err := ask.password("Password of " + user + " (empty: check without a login): ")
	if err != nil {
		return password, unanswered("no password was given: %w", err)
	}
	return password, nil
}

// unanswered is the error of a question without an answer: an interrupt is no
// mistake in the command line.
func unanswered(format string, err error) error {
	if errors.Is(err, errInterrupted) {
		return untestedError(format, err)
	}
	return usageError(format, err)
}
