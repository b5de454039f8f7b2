//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"postern/internal/fault"
	"postern/internal/lab"
	"postern/internal/lab/netns"
)

func newLabCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Meet a fault by hand, with servers that are broken on purpose",
		Long: `Lab starts servers, resolvers and networks that are broken on purpose, on this
machine only, so that you can point postern check or a mail program at a fault.
Each fault has a healthy twin: the same surroundings without it.`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLabListCommand(), newLabRunCommand(), newLabNodeCommand())
	return cmd
}

func newLabListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the scenarios",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listScenarios(cmd.OutOrStdout())
		},
	}
}

func listScenarios(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range lab.All() {
		if s.Healthy {
			continue // every scenario has its twin
		}
		needs := ""
		switch {
		case s.Namespace:
			needs = " (needs root)"
		case s.Debian:
			needs = " (needs root and Debian's packages)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s%s\n", s.Fault, s.ID, s.Title, needs)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\nEach has a healthy twin, with -healthy after its name.")
	return err
}

func newLabRunCommand() *cobra.Command {
	var seed uint64
	cmd := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Start a scenario and print how to check it",
		Long: `Run starts a scenario, prints the postern check line that fits it and stays up
until Ctrl-C. SCENARIO is a name from postern lab list, or the id of a fault.
Names, addresses, texts and dates are drawn anew for each run.`,
		Example: `  postern lab run TL07
  postern lab run tl07-certificate-expired-healthy`,
		Args: exactly("the name of a scenario"),
		RunE: func(cmd *cobra.Command, args []string) error {
			scenario, err := lab.Find(args[0])
			if err != nil {
				return usageError("%w", err)
			}
			if !cmd.Flags().Changed("seed") {
				seed = rand.Uint64() >> 40 // short enough to type
			}
			return runScenario(cmd, scenario, seed)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 0, "draw what an earlier run with this seed drew")
	return cmd
}

// newLabNodeCommand is what a network of the lab starts as its hosts; see
// package netns.
func newLabNodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "node",
		Hidden: true,
		Args:   exactly(),
		RunE: func(*cobra.Command, []string) error {
			netns.Main()
			return usageError("postern lab node is started by postern lab run, not by hand")
		},
	}
}

// runScenario stays until the context ends. A scenario that needs a network
// runs in a child process.
func runScenario(cmd *cobra.Command, scenario lab.Scenario, seed uint64) error {
	ctx := cmd.Context()
	running, err := scenario.Start(ctx, lab.NewRand(seed))
	if errors.Is(err, lab.ErrNeedsNamespace) {
		code, err := netns.Exec(ctx, "lab", "run", scenario.ID, "--seed", fmt.Sprint(seed))
		if err == nil && code != exitOK {
			err = &exitError{Code: code}
		}
		return err
	}
	if err != nil {
		return err
	}
	defer running.Stop()
	if err := showScenario(cmd.OutOrStdout(), scenario, running, seed); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func showScenario(out io.Writer, s lab.Scenario, running *lab.Running, seed uint64) error {
	line := []string{commandName(), "check"}
	if s.Namespace {
		line = append([]string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", os.Getpid())}, line...)
	}
	expect := fmt.Sprintf("It should name %s first", s.Fault)
	if f, ok := fault.Lookup(s.Fault); ok {
		expect += " (" + f.Name + ")"
	}
	if s.Healthy {
		expect = "It should find nothing wrong"
	}
	_, err := fmt.Fprintf(out, "%s\n\nIn a second terminal:\n\n  %s\n\n%s. Drawn with --seed %d. Ctrl-C ends it.\n",
		s.Title, lab.CommandLine(append(line, running.Args()...)...), expect, seed)
	return err
}

// commandName is how a second terminal can start this program.
func commandName() string {
	if !strings.Contains(os.Args[0], "/") {
		return os.Args[0] // found in PATH, as it will be there
	}
	if path, err := os.Executable(); err == nil {
		return path
	}
	return os.Args[0]
}
