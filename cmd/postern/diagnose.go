package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/report"
)

func newDiagnoseCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diagnose FILE",
		Short: "Judge a saved run again",
		Long: `Diagnose reads what postern check --save FILE wrote and judges it again, with the
rules of this version and as of the time of that run. It contacts nobody. "-"
reads standard input.`,
		Args: exactly("the file of a saved run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := loadRun(args[0], cmd.InOrStdin())
			if err != nil {
				return untestedError("%w", err)
			}
			return showResult(cmd.OutOrStdout(), run, diagnose.Judge(run), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func loadRun(name string, stdin io.Reader) (*evidence.Run, error) {
	if name == "-" {
		return evidence.Load(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return evidence.Load(f)
}

// showResult prints the report and returns the verdict as an exit code.
func showResult(w io.Writer, run *evidence.Run, result diagnose.Result, asJSON bool) error {
	show := report.Terminal
	if asJSON {
		show = report.JSON
	}
	if err := show(w, run, result); err != nil {
		return untestedError("write the report: %w", err)
	}
	switch result.Verdict {
	case diagnose.Healthy:
		return nil
	case diagnose.Faulty:
		return &exitError{Code: exitFault}
	default:
		return &exitError{Code: exitUntested}
	}
}
