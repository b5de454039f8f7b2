package mailhost

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"postern/internal/mailhost/config"
)

const (
	// otherFiles is what the server needs besides one file per connection:
	// listeners, databases, pack segments, messages being read.
	otherFiles = 256

	// perConnection and otherMemory are what to reckon with at the worst: a
	// session that is busy, and the store's caches and staged messages.
	perConnection = 64 << 10
	otherMemory   = 256 << 20
)

// fitLimits compares what the configuration promises with what the system
// gives, says where that is less, and promises no more.
func fitLimits(c *config.Config, logger *slog.Logger) *config.Config {
	fitted := *c
	if files := openFiles(); files < uint64(c.Limits.Connections)+otherFiles {
		fitted.Limits.Connections = max(1, int(files)-otherFiles)
		logger.Warn("the system's limit of open files is too low for limits.connections; raise it (LimitNOFILE= in the unit, ulimit -n), or lower limits.connections",
			"open files", files, "needed", c.Limits.Connections+otherFiles, "connections now", fitted.Limits.Connections)
	}
	memory, ok := cgroupMemory()
	if !ok {
		return &fitted
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memory * 9 / 10)
	}
	if needed := int64(fitted.Limits.Connections)*perConnection + otherMemory; memory < needed {
		logger.Warn("the memory allowed to this service may not do for limits.connections; raise it (MemoryMax= in the unit), or lower limits.connections",
			"memory", memory, "needed", needed)
	}
	return &fitted
}

// openFiles is how many files this process may open. The Go runtime has raised
// the soft limit to the hard one.
func openFiles() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return math.MaxInt64
	}
	return limit.Cur
}

// cgroupMemory is the memory limit of this process's control group, version 2.
func cgroupMemory() (int64, bool) {
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	_, path, ok := strings.Cut(strings.TrimSpace(string(self)), "0::")
	if !ok {
		return 0, false
	}
	text, err := os.ReadFile(filepath.Join("/sys/fs/cgroup", path, "memory.max"))
	if err != nil {
		return 0, false
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return limit, err == nil
}
