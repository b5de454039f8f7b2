package journal

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/internal/mailhost/activity"
	"postern/internal/wire/ports"
)

var quiet = slog.New(slog.DiscardHandler)

func openTest(t *testing.T, file string, l Limits) *Journal {
	t.Helper()
	j, err := Open(t.Context(), file, quiet, func() Limits { return l })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func list(t *testing.T, j *Journal, f activity.Filter) []activity.Attempt {
	t.Helper()
	all, err := j.List(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var large = Limits{Keep: 30 * 24 * time.Hour, MaxSize: 64 << 20}

func TestWhatIsWrittenIsListed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file?with #marks.db")
	j := openTest(t, file, large)
	now := time.Now().UTC().Truncate(time.Microsecond)
	alice := activity.Attempt{
		Time: now.Add(-time.Minute), Address: netip.MustParseAddr("2001:db8::1"), Port: 993, Protocol: ports.IMAP,
		Account: "Alice@example.com", Mechanism: "PLAIN", TLS: "TLS 1.3", Outcome: activity.Rejected,
		Fault: "AU01", Session: "k3m9x0p2qa", Detail: "wrong name or password", Count: 1,
	}
	browser := activity.Attempt{
		Time: now, Address: netip.MustParseAddr("192.0.2.1"), Port: 143, Protocol: ports.IMAP,
		Outcome: activity.Misdirected, Fault: "GW05", Session: "0000000000", Count: 7,
	}
	if err := j.Append([]activity.Attempt{alice, browser}); err != nil {
		t.Fatal(err)
	}
	j.Close()
	j = openTest(t, file, large)

	same := cmpopts.EquateComparable(netip.Addr{})
	for _, c := range []struct {
		filter activity.Filter
		want   []activity.Attempt
	}{
		{activity.Filter{}, []activity.Attempt{alice, browser}},
		{activity.Filter{Account: "alice@EXAMPLE.com"}, []activity.Attempt{alice}},
		{activity.Filter{Since: now}, []activity.Attempt{browser}},
		{activity.Filter{Session: "k3m9x0p2qa"}, []activity.Attempt{alice}},
		{activity.Filter{Session: "k3m9x0p2qa", Account: "bob@example.com"}, nil},
		{activity.Filter{Limit: 1}, []activity.Attempt{browser}},
		{activity.Filter{Account: "bob@example.com"}, nil},
	} {
		if diff := cmp.Diff(c.want, list(t, j, c.filter), same); diff != "" {
			t.Errorf("%+v: %s", c.filter, diff)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want mode 0600", info.Mode(), err)
	}
}

func TestOldAttemptsGo(t *testing.T) {
	j := openTest(t, filepath.Join(t.TempDir(), "activity.db"), Limits{Keep: time.Hour, MaxSize: 1 << 20})
	now := time.Now()
	err := j.Append([]activity.Attempt{
		{Time: now.Add(-2 * time.Hour), Session: "old"}, {Time: now.Add(-time.Minute), Session: "new"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := list(t, j, activity.Filter{}); len(got) != 1 || got[0].Session != "new" {
		t.Errorf("kept %v", got)
	}
}

// TestFileIsBounded writes far more than fits and looks at the disk.
func TestFileIsBounded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	const limit = 1 << 20
	j := openTest(t, file, Limits{Keep: time.Hour, MaxSize: limit})
	last := ""
	for i := range 40 {
		batch := make([]activity.Attempt, 500)
		for k := range batch {
			last = fmt.Sprintf("s%d-%d", i, k)
			batch[k] = activity.Attempt{Time: time.Now(), Session: last, Detail: strings.Repeat("x", 100)}
		}
		if err := j.Append(batch); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Size() > 2*limit {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
	got := list(t, j, activity.Filter{Limit: 100000})
	if len(got) < 1000 || got[len(got)-1].Session != last {
		t.Errorf("%d attempts are left, the last is %q", len(got), got[len(got)-1].Session)
	}
}

func TestDamagedFileIsPutAside(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	j := openTest(t, file, large)
	if err := j.Append([]activity.Attempt{{Session: "new"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + ".damaged"); err != nil {
		t.Error(err)
	}
}
