// Package diagnose turns evidence into findings. It is a pure function: it
// opens nothing, and its "now" is the time at which the evidence was taken, so
// that the same evidence gives the same findings for ever.
//
// One rule names one fault; the rules of a layer share a file. Rules only say
// what they see at one place; ranking, the suppression of consequences, and
// what a fault means for the user (who may have another working way) are
// decided in one place, after them.
package diagnose

import (
	"postern/internal/doctor/evidence"
	"postern/internal/fault"
	"postern/internal/wire/ports"
)

// Verdict is the outcome of a run in one word.
type Verdict string

// The verdicts.
const (
	Healthy  Verdict = "healthy"  // what the user needs works, as far as it was tested
	Faulty   Verdict = "fault"    // something stops or endangers the user
	Untested Verdict = "untested" // neither could be shown
)

// Where is the place of a finding. Fields that do not apply are empty.
type Where struct {
	Host     string         `json:"host,omitempty"`
	Address  string         `json:"address,omitempty"`
	Port     int            `json:"port,omitempty"`
	Protocol ports.Protocol `json:"protocol,omitempty"`
}

// Finding is one fault that was found.
type Finding struct {
	ID         fault.ID       `json:"id"`
	Name       string         `json:"name"`
	Severity   fault.Severity `json:"severity"`
	Confidence float64        `json:"confidence"` // 0 to 1
	Owner      fault.Owner    `json:"owner"`
	Also       []fault.Owner  `json:"also"`
	Where      Where          `json:"where"`

	Title       string   `json:"title"`
	Explanation string   `json:"explanation"`
	Fix         []string `json:"fix"`
	Verify      string   `json:"verify"`
	Evidence    []string `json:"evidence"`
}

// State is how one step at one endpoint came out.
type State string

// The states.
const (
	Passed  State = "ok"
	Failed  State = "failed"
	Skipped State = "not-tested" // not reached, or not tried
	Absent  State = "none"       // the endpoint has no such step
)

// StepResult is one cell of the stage matrix.
type StepResult struct {
	Step  evidence.Step   `json:"step"`
	State State           `json:"state"`
	Took  evidence.Millis `json:"ms"`
}

// Probe is how far one endpoint came.
type Probe struct {
	Where
	Security ports.Security  `json:"security"`
	Role     ports.Role      `json:"role"`
	Reached  evidence.Step   `json:"stage"`   // the last step that passed; "" if none did
	Outcome  string          `json:"outcome"` // "ok", or what stopped it in one word
	Took     evidence.Millis `json:"ms"`      // all steps together
	Steps    []StepResult    `json:"steps"`
}

// Setting is one half of settings that were seen to work.
type Setting struct {
	Use      evidence.Use   `json:"-"`
	Protocol ports.Protocol `json:"protocol"`
	Host     string         `json:"host"`
	Port     int            `json:"port"`
	Security ports.Security `json:"security"`
	User     string         `json:"user"` // the user name to type; "" when none is known

	UserForm evidence.UserForm `json:"user_form"`
	Auth     string            `json:"auth"` // how to log in: one of the Auth words
}

// The ways to log in.
const (
	AuthPassword = "password"
	AuthOAuth2   = "oauth2" // through the provider's web page; it takes no password
	AuthNone     = "none"   // sending without a login
)

// Result is everything that a run shows.
type Result struct {
	Verdict  Verdict
	Reason   string    // for Untested: what could not be tested and why
	Findings []Finding // root cause first
	Probes   []Probe   // what the user relies on most first
	Settings []Setting // best first in each half
}

// Judge finds what the evidence shows.
func Judge(run *evidence.Run) Result {
	f := gather(run)
	found := findings(f, look(f))
	result := Result{Findings: found, Settings: settings(f)}
	for _, s := range f.seen {
		result.Probes = append(result.Probes, s.probe())
	}
	result.Verdict, result.Reason = verdict(f, found)
	return result
}
