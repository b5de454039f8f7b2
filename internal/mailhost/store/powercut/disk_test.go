package powercut

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"postern/internal/mailhost/store/file"
	"postern/internal/mailhost/store/sqlite"
)

func disk(t *testing.T) (*Disk, string) {
	dir := t.TempDir()
	d := New(dir)
	t.Cleanup(d.Close)
	return d, dir
}

// after cuts the power and returns what a file then holds, "-" if it is gone.
func after(t *testing.T, d *Disk, luck Luck, name string) string {
	t.Helper()
	dest := t.TempDir()
	if err := d.Cut(dest, luck, rand.New(rand.NewPCG(1, 2))); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dest, name))
	if errors.Is(err, os.ErrNotExist) {
		return "-"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func create(t *testing.T, d *Disk, name string) file.File {
	t.Helper()
	f, err := d.FS().Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func put(t *testing.T, f file.File, text string, off int64) {
	t.Helper()
	if _, err := f.WriteAt([]byte(text), off); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatWasSyncedSurvives(t *testing.T) {
	d, dir := disk(t)
	f := create(t, d, filepath.Join(dir, "f"))
	put(t, f, "one", 0)
	if got := after(t, d, Worst, "f"); got != "-" {
		t.Errorf("a file whose directory was not synced holds %q", got)
	}
	if err := d.FS().SyncDir(dir); err != nil {
		t.Fatal(err)
	}
	if got := after(t, d, Worst, "f"); got != "" {
		t.Errorf("a file that was not synced holds %q", got)
	}
	if got := after(t, d, Best, "f"); got != "one" {
		t.Errorf("with luck it holds %q", got)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	put(t, f, "two", 3)
	if got := after(t, d, Worst, "f"); got != "one" {
		t.Errorf("after a sync it holds %q", got)
	}
	if err := d.FS().Remove(filepath.Join(dir, "f")); err != nil {
		t.Fatal(err)
	}
	if got := after(t, d, Worst, "f"); got != "one" {
		t.Errorf("a removal that was not synced took it away: %q", got)
	}
}

func TestFailedSyncLosesForGood(t *testing.T) {
	d, dir := disk(t)
	f := create(t, d, filepath.Join(dir, "f"))
	if err := d.FS().SyncDir(dir); err != nil {
		t.Fatal(err)
	}
	put(t, f, "one", 0)
	d.FailAfter(1)
	if err := f.Sync(); !errors.Is(err, ErrInjected) {
		t.Fatalf("the sync that was to fail: %v", err)
	}
	if err := f.Sync(); err != nil {
		t.Fatalf("the sync after it: %v", err)
	}
	if got := after(t, d, Best, "f"); got != "" {
		t.Errorf("the disk has %q after a failed sync", got)
	}
	if d.Failed() != "sync f" {
		t.Errorf("Failed() = %q", d.Failed())
	}
}

// TestSQLiteGoesThroughTheDisk shows that the VFS sees what SQLite does: a
// committed row survives, with an fsync that fails it doesn't.
func TestSQLiteGoesThroughTheDisk(t *testing.T) {
	d, dir := disk(t)
	vfs, err := d.VFS()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "x.db"), vfs)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must := func(query string) {
		t.Helper()
		if _, err := db.Write().Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	must("create table t (n bigint)")
	must("insert into t values (1)")
	if err := d.FS().SyncDir(dir); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, d, Worst); n != 1 {
		t.Errorf("%d rows survived, 1 was committed", n)
	}
	for n := 1; d.Failed() != "sync x.db-wal"; n++ {
		d.FailAfter(n)
		if _, err := db.Write().Exec("insert into t values (2)"); err == nil {
			t.Fatalf("an insert has fewer than %d operations, none a sync; the last to fail was %q", n, d.Failed())
		}
	}
	if n := rows(t, d, Worst); n != 1 {
		t.Errorf("%d rows survived a commit that failed", n)
	}
}

func rows(t *testing.T, d *Disk, luck Luck) (n int) {
	t.Helper()
	dest := t.TempDir()
	if err := d.Cut(dest, luck, rand.New(rand.NewPCG(1, 2))); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(context.Background(), filepath.Join(dest, "x.db"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Write().Get("select count(*) from t", nil, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
