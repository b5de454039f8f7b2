package report

import (
	"encoding/json"
	"io"
	"time"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
	"postern/internal/version"
)

// Schema is the version of the JSON form, described by docs/report.schema.json.
// Names and meanings of a version never change; it may gain names.
const Schema = 1

// document is the JSON form. Its arrays are never null.
type document struct {
	Schema   int                `json:"schema"`
	Version  string             `json:"version"` // of Postern
	Rules    int                `json:"rules"`   // of the set of diagnosis rules
	Target   string             `json:"target"`
	Verdict  diagnose.Verdict   `json:"verdict"`
	Reason   string             `json:"reason,omitempty"` // why it is "untested"
	Findings []diagnose.Finding `json:"findings"`
	Probes   []diagnose.Probe   `json:"probes"`
	Settings halves             `json:"settings"`
	Started  time.Time          `json:"started"`
	Duration evidence.Millis    `json:"duration_ms"`
}

type halves struct {
	Incoming []diagnose.Setting `json:"incoming"`
	Outgoing []diagnose.Setting `json:"outgoing"`
}

// JSON writes one object with the whole result.
func JSON(w io.Writer, run *evidence.Run, result diagnose.Result) error {
	doc := document{
		Schema:   Schema,
		Version:  version.Version(),
		Rules:    version.Rules,
		Target:   run.Target.Input,
		Verdict:  result.Verdict,
		Reason:   result.Reason,
		Findings: append([]diagnose.Finding{}, result.Findings...),
		Probes:   append([]diagnose.Probe{}, result.Probes...),
		Settings: halves{Incoming: []diagnose.Setting{}, Outgoing: []diagnose.Setting{}},
		Started:  run.Started.UTC(),
		Duration: run.Duration,
	}
	for _, s := range result.Settings {
		half := &doc.Settings.Outgoing
		if s.Use == evidence.Incoming {
			half = &doc.Settings.Incoming
		}
		*half = append(*half, s)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}
