package sqlite

import (
	"path/filepath"
	"testing"
)

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"3.51.2", "3.51.3", true}, {"3.51.3", "3.51.3", false}, {"3.52.0", "3.51.3", false},
		{"3.9.0", "3.51.3", true}, {"4.0.0", "3.51.3", false}, {"3.51", "3.51.3", true},
		{"3.100.0", "3.51.3", false},
	} {
		if got := older(c.a, c.b); got != c.want {
			t.Errorf("older(%s, %s) = %v", c.a, c.b, got)
		}
	}
}

// TestOddPaths covers characters that mean something in the URI by which
// SQLite is told where the database is.
func TestOddPaths(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?b=c#d %41&é'")
	if _, err := Open(t.Context(), filepath.Join(dir, "x.db"), ""); err == nil {
		t.Fatal("a database in a directory that is not there")
	}
	plain := filepath.Join(t.TempDir(), "a?b=c#d %41&é'.db")
	for range 2 {
		db, err := Open(t.Context(), plain, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write().Script("create table if not exists t (n bigint); insert into t values (1)"); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := filepath.Glob(filepath.Join(filepath.Dir(plain), "*")); err != nil || len(found) != 1 || found[0] != plain {
		t.Errorf("files are %q, %v", found, err)
	}
}

// TestDurability pins what everything rests on.
func TestDurability(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "wal_autocheckpoint": "4000"} {
		var got string
		if _, err := db.Write().Get("pragma "+pragma, nil, &got); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
		}
	}
	err = db.Read(t.Context(), func(c *Conn) error {
		_, err := c.Exec("create table t (n bigint)")
		return err
	})
	if err == nil {
		t.Error("a reader can write")
	}
}
