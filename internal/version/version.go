// Package version says which build of Postern this is and which set of
// diagnosis rules it carries.
package version

import "runtime/debug"

// Rules counts the sets of diagnosis rules. It goes up with every change that
// gives the same evidence another finding, so that two reports can be compared.
const Rules = 1

// release is set by the linker for released builds:
// -ldflags "-X postern/internal/version.release=1.2.3".
var release string

// Version returns the release, else what the Go toolchain recorded about the
// sources (module version or revision), else "unknown".
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return revision(info.Settings)
}

// revision makes a version of the recorded state of the source tree.
func revision(settings []debug.BuildSetting) string {
	var commit, changed string
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+changes"
			}
		}
	}
	if commit == "" {
		return "unknown"
	}
	return commit + changed
}
