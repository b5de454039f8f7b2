package file

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestLockIsForOneProcess(t *testing.T) {
	name := os.Getenv("POSTERN_TEST_LOCK")
	if name != "" { // the other process
		_, err := Lock(name)
		if !errors.Is(err, ErrLocked) {
			t.Fatalf("the lock of another process: %v", err)
		}
		return
	}
	name = filepath.Join(t.TempDir(), "lock")
	f, err := Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLockIsForOneProcess$")
	cmd.Env = append(os.Environ(), "POSTERN_TEST_LOCK="+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = Lock(name); err != nil {
		t.Fatalf("after it was given back: %v", err)
	}
	f.Close()
}

func TestCreateMakesNewFilesOnly(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	f, err := OS().Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := OS().Create(name); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it again: %v", err)
	}
	if _, err := f.WriteAt([]byte("x"), 9); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Error(err)
	}
	if n, err := f.Size(); n != 10 || err != nil {
		t.Errorf("size is %d, %v", n, err)
	}
	st, err := os.Stat(name)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", st.Mode(), err)
	}
	if err := OS().SyncDir(dir); err != nil {
		t.Error(err)
	}
	f.Close()
	if err := f.Sync(); err == nil {
		t.Error("a closed file can be synced")
	}
}
