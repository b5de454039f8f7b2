// Package report shows what a run found: in a terminal for people and as JSON
// for scripts. It adds no judgement of its own and never shows a secret.
package report

import (
	"errors"
	"io"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
)

// Schema is the version of the JSON form, described by docs/report.schema.json.
const Schema = 1

// JSON writes one object with the whole result.
func JSON(w io.Writer, run *evidence.Run, result diagnose.Result) error {
	return errors.New("report: no JSON form")
}

// Terminal writes the result for people, at most 80 columns wide. Colours are
// written always; give a writer that removes them where they do not belong.
func Terminal(w io.Writer, run *evidence.Run, result diagnose.Result) error {
	return errors.New("report: no terminal form")
}
