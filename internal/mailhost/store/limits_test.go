package store_test

import (
	"errors"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"postern/internal/mailhost/store"
)

// TestFullDatabaseIsAFullDisk: SQLite has words of its own for a full disk,
// and clients were told "internal error".
func TestFullDatabaseIsAFullDisk(t *testing.T) {
	s := open(t, store.Options{})
	limit := func(pages int) error {
		return s.Apply(t.Context(), store.Interactive, func(tx *store.Tx) error {
			_, err := tx.Exec("pragma max_page_count = " + map[int]string{1: "1", 0: "4294967294"}[pages])
			return err
		})
	}
	write := func() error {
		return s.Apply(t.Context(), store.Interactive, func(tx *store.Tx) error {
			_, err := tx.Exec("insert into ban (subject, reason, since, until) values ('x', $1, 0, 0)", strings.Repeat("x", 1<<20))
			return err
		})
	}
	if err := limit(1); err != nil {
		t.Fatal(err)
	}
	if err := write(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full database fails with %v, want ENOSPC", err)
	}
	if err := limit(0); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestWaitingMetasAreSmall: a client that asked for the structures of MIME
// bombs and then did not read held them all, decoded.
func TestWaitingMetasAreSmall(t *testing.T) {
	s := open(t, store.Options{})
	_, boxes := newAccount(t, s, "INBOX")
	bomb := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n\r\n", 5000) + "--b--\r\n"
	const n = 20
	for range n {
		deliver(t, s, boxes[0], bomb)
	}
	v, err := s.Select(t.Context(), boxes[0], true)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var uids []store.UID
	for _, e := range v.Snapshot().All() {
		uids = append(uids, e.UID)
	}
	before, seen := heap(), 0
	for m, err := range v.Messages(t.Context(), uids, store.WantStructure) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 1 {
			if held := int64(heap()) - int64(before); held > 8<<20 {
				t.Errorf("%d KiB are held while the client reads the first structure", held>>10)
			}
		}
		if len(m.Structure.Parts) < 5000 {
			t.Fatalf("message %d has %d parts", m.UID, len(m.Structure.Parts))
		}
	}
	if seen != n {
		t.Errorf("%d messages, want %d", seen, n)
	}
}

// heap is how much memory is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
