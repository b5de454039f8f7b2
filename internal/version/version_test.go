package version

import (
	"runtime/debug"
	"testing"
)

func TestVersionSaysSomething(t *testing.T) {
	if Version() == "" {
		t.Error("Version() is empty")
	}
}

func TestRevisionNamesCommitAndChanges(t *testing.T) {
	tests := []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, "unknown"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}, "0123456789ab"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}, {Key: "vcs.modified", Value: "true"}}, "0123+changes"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}, "unknown"},
	}
	for _, tt := range tests {
		if got := revision(tt.settings); got != tt.want {
			t.Errorf("revision(%v) = %q, want %q", tt.settings, got, tt.want)
		}
	}
}
