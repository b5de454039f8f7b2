package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"postern/internal/mailhost/store/file"
)

func open(t testing.TB, dir string) *Pack {
	t.Helper()
	p, err := Open(file.OS(), dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// read returns a record's bytes, or the error that reading it gives.
func read(p *Pack, ref Ref) ([]byte, error) {
	r, err := p.Read(ref)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := r.Verify(); err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

func TestRecordsComeBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pack")
	p := open(t, dir)
	bodies := [][]byte{{}, []byte("x"), bytes.Repeat([]byte("0123456789"), 20_000)}
	refs, err := p.Append(bodies...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	more, err := p.Append([]byte("second write"))
	if err != nil {
		t.Fatal(err)
	}
	bodies, refs = append(bodies, []byte("second write")), append(refs, more...)
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	w, err := p.Stream()
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if _, err := w.Write([]byte("a part of a long one\n")); err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	bodies, refs = append(bodies, bytes.Repeat([]byte("a part of a long one\n"), 50)), append(refs, r.Ref())
	r.Close()
	check := func(p *Pack) {
		t.Helper()
		for i, ref := range refs {
			if got, err := read(p, ref); err != nil || !bytes.Equal(got, bodies[i]) {
				t.Errorf("record %d: %d bytes of %d, %v", i, len(got), len(bodies[i]), err)
			}
		}
	}
	check(p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, dir))
}

func TestNoSegmentIsAppendedToAgain(t *testing.T) {
	dir := t.TempDir()
	var seen []int64
	for range 3 {
		p := open(t, dir)
		refs, err := p.Append([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(seen, refs[0].Segment) {
			t.Errorf("segment %d was used before", refs[0].Segment)
		}
		seen = append(seen, refs[0].Segment)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(file.OS(), dir, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if refs, err := p.Append([]byte("x")); err != nil || refs[0].Segment != 101 {
		t.Errorf("above a floor of 100 comes %+v, %v", refs, err)
	}
}

// TestDamageIsNoticed changes each byte of a segment in turn.
func TestDamageIsNoticed(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir)
	refs, err := p.Append([]byte("first"), []byte("the second record"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	p.Close()
	name := filepath.Join(dir, fileName(refs[1].Segment))
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	begin := int(refs[1].Offset) - headSize
	for i := begin; i < len(good); i++ {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := read(open(t, dir), refs[1]); !errors.Is(err, ErrDamaged) {
			t.Errorf("with byte %d changed it reads %q, %v", i-begin, got, err)
		}
	}
	if err := os.WriteFile(name, good[:len(good)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := read(open(t, dir), refs[1]); !errors.Is(err, ErrDamaged) {
		t.Errorf("cut short it reads %q, %v", got, err)
	}
	if got, err := read(open(t, dir), refs[0]); err != nil || string(got) != "first" {
		t.Errorf("the record before reads %q, %v", got, err)
	}
}

func TestDamageOfALargeRecordIsNoticed(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir)
	refs, err := p.Append(bytes.Repeat([]byte("x"), smallRecord+1))
	if err == nil {
		err = p.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, fileName(refs[0].Segment)), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("y"), refs[0].Offset+1000); err != nil {
		t.Fatal(err)
	}
	r, err := p.Read(refs[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Verify(); !errors.Is(err, ErrDamaged) {
		t.Errorf("Verify: %v", err)
	}
	if err := f.Truncate(refs[0].Offset + 500); err != nil {
		t.Fatal(err)
	}
	if n, err := r.ReadAt(make([]byte, 100), 600); !errors.Is(err, ErrDamaged) {
		t.Errorf("reading what was cut off: %d, %v", n, err)
	}
}

func TestReadAtEndsWhereTheRecordDoes(t *testing.T) {
	p := open(t, t.TempDir())
	for _, size := range []int{10, smallRecord + 10} {
		refs, err := p.Append(bytes.Repeat([]byte("a"), size), []byte("not yours"))
		if err == nil {
			err = p.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Read(refs[0])
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		b := make([]byte, 20)
		if n, err := r.ReadAt(b, int64(size-5)); n != 5 || err != io.EOF || string(b[:n]) != "aaaaa" {
			t.Errorf("size %d: reading over the end gives %q, %v", size, b[:n], err)
		}
		if n, err := r.ReadAt(b, int64(size)); n != 0 || err != io.EOF {
			t.Errorf("size %d: reading at the end gives %d, %v", size, n, err)
		}
		if n, err := r.ReadAt(b[:5], 0); n != 5 || err != nil {
			t.Errorf("size %d: reading the start gives %d, %v", size, n, err)
		}
	}
}

func TestSegmentInUseIsNotRemoved(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir)
	w, err := p.Stream()
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("x"))
	r, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	n := r.Ref().Segment
	if err := p.Remove(n); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is read: %v", err)
	}
	again, err := p.Read(r.Ref())
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if err := p.Remove(n); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is read once: %v", err)
	}
	again.Close()
	if err := p.Remove(n); err != nil {
		t.Errorf("when nobody reads it: %v", err)
	}
	if _, err := p.Read(r.Ref()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is gone: %v", err)
	}
	if refs, err := p.Append([]byte("x")); err != nil {
		t.Error(err)
	} else if err := p.Remove(refs[0].Segment); !errors.Is(err, ErrInUse) {
		t.Errorf("the segment that is appended to: %v", err)
	}
}

func TestFewSegmentsStayOpen(t *testing.T) {
	p := open(t, t.TempDir())
	var refs []Ref
	for i := range 2 * maxIdle {
		w, err := p.Stream()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, "record %d", i)
		r, err := w.Finish()
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r.Ref())
		r.Close()
	}
	if len(p.open) != maxIdle || len(p.idle) != maxIdle {
		t.Errorf("%d segments are open, %d idle, want %d", len(p.open), len(p.idle), maxIdle)
	}
	for i, ref := range refs {
		if got, err := read(p, ref); err != nil || string(got) != fmt.Sprintf("record %d", i) {
			t.Errorf("record %d is %q, %v", i, got, err)
		}
	}
}

// FuzzRead reads from segments that are anything: it must not panic, and give
// no more bytes than there are.
func FuzzRead(f *testing.F) {
	good := seal(5, recordID(1, 0), 0).append(nil)
	f.Add(append(good, "hello"...), int64(headSize), int64(5))
	f.Add([]byte(magic), int64(headSize), int64(1<<62))
	f.Fuzz(func(t *testing.T, segment []byte, offset, size int64) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fileName(1)), segment, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := read(open(t, dir), Ref{Segment: 1, Offset: offset, Size: size})
		if err == nil && (int64(len(got)) != size || !bytes.Contains(segment, got)) {
			t.Errorf("%d bytes that are not there", len(got))
		}
	})
}
