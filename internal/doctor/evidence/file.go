package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// MaxFile is the size in bytes of the largest file that Load reads.
	MaxFile = 64 << 20
	// maxEntries bounds the endpoints, and the lookups, of a run that Load
	// takes. A real run looks at some hundred ports at most; rules compare them
	// with one another.
	maxEntries = 4000
)

// Save writes the run as indented JSON of the current Version.
func Save(w io.Writer, run *Run) error {
	saved := *run
	saved.Version = Version
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&saved); err != nil {
		return fmt.Errorf("save evidence about %s: %w", run.Target.Input, err)
	}
	return nil
}

// Load reads a run of this or any earlier version, and makes its texts printable.
// Fields that it does not know are ignored: a file says more than an older
// program needs.
func Load(r io.Reader) (*Run, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("read evidence: the file is larger than %d MiB, which no saved run is", MaxFile>>20)
	}
	var run Run
	if err := json.Unmarshal(data, &run); err != nil {
		return nil, fmt.Errorf("read evidence: this is no saved run (%w); save one with postern check --save FILE", err)
	}
	switch {
	case run.Version == 0:
		return nil, errors.New(`read evidence: this is no saved run (no "evidence" version in it); save one with postern check --save FILE`)
	case run.Version < 0 || run.Version > Version:
		return nil, fmt.Errorf("read evidence: the file has version %d, this program reads up to %d; use a newer Postern", run.Version, Version)
	case run.Started.IsZero():
		return nil, errors.New("read evidence: the file does not say when the run was started")
	case len(run.Endpoints) > maxEntries || len(run.DNS) > maxEntries:
		return nil, fmt.Errorf("read evidence: the file has %d ports and %d lookups, more than any run looks at", len(run.Endpoints), len(run.DNS))
	}
	run.Clean()
	return &run, nil
}
