package mailhost

import (
	"log/slog"
	"strings"
	"testing"

	"postern/internal/mailhost/config"
)

// TestLimitsFitTheSystem: a configuration that promises more connections than
// the system has files for is cut, with a line that says what to raise.
func TestLimitsFitTheSystem(t *testing.T) {
	c := config.Default()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	files := openFiles()

	c.Limits.Connections = 10
	if got := fitLimits(&c, logger); got.Limits.Connections != 10 || strings.Contains(log.String(), "LimitNOFILE") {
		t.Errorf("%d connections, with %d files; logged %q", got.Limits.Connections, files, &log)
	}
	if files > 1<<30 {
		t.Skip("this system sets no limit")
	}
	c.Limits.Connections = int(files)
	got := fitLimits(&c, logger)
	if got.Limits.Connections >= int(files) || c.Limits.Connections != int(files) || !strings.Contains(log.String(), "LimitNOFILE=") {
		t.Errorf("%d connections, with %d files; logged %q", got.Limits.Connections, files, &log)
	}
}
