package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes, explained to users by `postern help exit-codes`.
const (
	exitOK       = 0  // done; for a check: healthy, warnings allowed
	exitFault    = 1  // failed; for a check: a fault was found
	exitUntested = 2  // a check could not test
	exitUsage    = 64 // the command line itself is wrong (EX_USAGE of sysexits)
)

// exitError is an error that decides the exit code. Without Err the code is
// all there is to say, because the command has said the rest itself.
type exitError struct {
	Code int
	Err  error
}

func (e *exitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *exitError) Unwrap() error { return e.Err }

// usageError says in one line what is wrong with the command line.
func usageError(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// untestedError says why nothing could be tested.
func untestedError(format string, args ...any) error {
	return &exitError{exitUntested, fmt.Errorf(format, args...)}
}

// exitCode returns the code that err asks for: an error without one is a
// failure.
func exitCode(err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.Code
	default:
		return exitFault
	}
}

// message returns what is to be printed about err, or "".
func message(err error) string {
	var exit *exitError
	if err == nil || errors.As(err, &exit) && exit.Err == nil {
		return ""
	}
	return err.Error()
}

// exactly is an argument check: n arguments, named in the error.
func exactly(names ...string) cobra.PositionalArgs {
	return between(len(names), names...)
}

// between is an argument check: at least least arguments and at most one for
// each name.
func between(least int, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usageError("%s needs %s; see %s --help", cmd.CommandPath(), strings.Join(names[len(args):least], " and "), cmd.CommandPath())
		case len(args) > len(names):
			return usageError("%s does not take %q; see %s --help", cmd.CommandPath(), args[len(names)], cmd.CommandPath())
		}
		return nil
	}
}

// unknownCommand is the argument check of a command that has subcommands only.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(" (did you mean %s?)", strings.Join(near, " or "))
	}
	return usageError("there is no command %q%s; see %s --help", args[0], hint, cmd.CommandPath())
}
