// Package fault is the vocabulary of what can go wrong between a mail program
// and a mail server: one [Fault] per id, with its name, severity, owner and
// texts, and the one [Error] type that carries an id through the program.
//
// The doctor reports a fault from the outside, the mail host records the same
// one from the inside, and one catalogue page explains both. All texts are
// here, as data files by layer, and nowhere else. The package never judges
// whether a fault is present.
package fault

import (
	"fmt"
	"slices"
)

// ID is the stable id of a fault, such as "TL07": two letters for the layer
// and two digits. Ids are never reused.
type ID string

// Layer returns the letters of the id, such as "TL".
func (id ID) Layer() string { return string(id[:min(2, len(id))]) }

// Severity says how much a fault matters to the user. Its text form is the
// lower-case word.
type Severity int

// The severities, from harmless to urgent. SeverityError and above stop or
// endanger the user.
const (
	SeverityOK       Severity = iota // nothing wrong
	SeverityInfo                     // worth knowing, nothing to do
	SeverityNotice                   // could be nicer
	SeverityWarning                  // works now, may fail at other times or for others
	SeverityError                    // stops or endangers the user
	SeverityCritical                 // mail is being lost or read by others
)

var severityNames = []string{"ok", "info", "notice", "warning", "error", "critical"}

// String returns the lower-case word.
func (s Severity) String() string {
	if s < 0 || int(s) >= len(severityNames) {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severityNames[s]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Severity) MarshalText() ([]byte, error) {
	if s < 0 || int(s) >= len(severityNames) {
		return nil, fmt.Errorf("fault: no severity has the number %d", int(s))
	}
	return []byte(severityNames[s]), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severityNames, string(text))
	if i < 0 {
		return fmt.Errorf("fault: unknown severity %q, want one of %v", text, severityNames)
	}
	*s = Severity(i)
	return nil
}

// Owner is who must act.
type Owner string

// The owners.
const (
	User        Owner = "user"
	Network     Owner = "network"
	Provider    Owner = "provider"
	ServerAdmin Owner = "server-admin"
	DomainOwner Owner = "domain-owner"
)

var owners = []Owner{User, Network, Provider, ServerAdmin, DomainOwner}

// Fault is one entry of the catalogue. Its texts may hold arguments such as
// {host}; [Fault.With] fills them in.
type Fault struct {
	ID       ID       `toml:"id"`
	Name     string   `toml:"name"`     // kebab-case, unique, such as "certificate-expired"
	Severity Severity `toml:"severity"` // as a rule; evidence can lower or raise it
	Owner    Owner    `toml:"owner"`    // who must act, as a rule
	Also     []Owner  `toml:"also"`     // who else may be the one to act

	Title       string   `toml:"title"`       // one line
	Explanation string   `toml:"explanation"` // what happens and why, for the person whose mail fails
	Fix         []string `toml:"fix"`         // steps, in order
	Verify      string   `toml:"verify"`      // how to see that it is mended
	Evidence    string   `toml:"evidence"`    // what shows the fault
}
