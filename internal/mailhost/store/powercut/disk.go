// Package powercut is a disk for tests: any operation on it can be made to
// fail, and its power can be cut, which loses what was not made durable.
//
// Files lie in a real directory, through which the running system sees what it
// has written. Beside them a Disk remembers what an fsync has covered. Both
// the store's own files (FS) and SQLite's (VFS) go through it; the -shm file,
// which SQLite rebuilds after every crash, does not.
//
// After an fsync has failed, what it should have covered is lost on the disk
// and still there in the file, as on Linux: a second fsync of the same file
// that succeeds does not bring it back.
package powercut

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"postern/internal/mailhost/store/vfs"
)

// ErrInjected is what an operation fails with that was told to.
var ErrInjected = errors.New("injected failure")

// A Disk is a directory that remembers what of it is durable.
type Disk struct {
	mu      sync.Mutex
	root    string
	names   map[string]*inode // what the system sees
	durable map[string]*inode // what is in the directories on the disk
	ops     int               // writes, syncs, creations, removals so far
	failAt  int               // which of them fails; 0 is none
	failed  string            // what has failed
	vfs     *vfs.VFS          // how SQLite gets here; nil before it was asked for
}

// An inode is a file or directory, whatever its name is.
type inode struct {
	dir     bool
	synced  []byte
	pending []write
}

// A write is one that no fsync has covered.
type write struct {
	off  int64
	data []byte
	cut  bool // the file was cut at off instead
	lost bool // an fsync after it has failed
}

// New returns a Disk for a directory that is there and empty.
func New(root string) *Disk {
	return &Disk{root: filepath.Clean(root), names: map[string]*inode{}, durable: map[string]*inode{}}
}

// Close ends the use of a Disk. All files must be closed.
func (d *Disk) Close() {
	if d.vfs != nil {
		d.vfs.Close()
	}
}

// FailAfter makes the nth operation from now on fail; 0 is none. Writes,
// syncs, cuts, creations and removals count.
func (d *Disk) FailAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = ""
	if d.failAt = 0; n > 0 {
		d.failAt = d.ops + n
	}
}

// Failed says what was made to fail, "" if nothing was yet.
func (d *Disk) Failed() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// op counts an operation and reports whether it is the one to fail. d.mu is
// held.
func (d *Disk) op(what, name string) error {
	d.ops++
	if d.ops != d.failAt {
		return nil
	}
	d.failed = what + " " + filepath.Base(name)
	return &os.PathError{Op: what, Path: name, Err: ErrInjected}
}

// created notes a new file. d.mu is held.
func (d *Disk) created(name string) *inode {
	n := &inode{}
	d.names[filepath.Clean(name)] = n
	return n
}

func (n *inode) write(b []byte, off int64) {
	n.pending = append(n.pending, write{off: off, data: append([]byte(nil), b...)})
}

func (n *inode) cut(size int64) {
	n.pending = append(n.pending, write{off: size, cut: true})
}

// sync makes a file's content durable, but for what is lost.
func (n *inode) sync() {
	kept := n.pending[:0]
	for _, w := range n.pending {
		if w.lost {
			kept = append(kept, w)
			continue
		}
		n.synced = w.apply(n.synced)
	}
	n.pending = kept
}

// lose is what a failing fsync does.
func (n *inode) lose() {
	for i := range n.pending {
		n.pending[i].lost = true
	}
}

func (w write) apply(b []byte) []byte {
	end := w.off + int64(len(w.data))
	if end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	if w.cut {
		return b[:w.off]
	}
	copy(b[w.off:], w.data)
	return b
}

// syncDir makes durable which names a directory has. d.mu is held.
func (d *Disk) syncDir(dir string) {
	dir = filepath.Clean(dir)
	for name := range d.durable {
		if filepath.Dir(name) == dir && d.names[name] == nil {
			delete(d.durable, name)
		}
	}
	for name, n := range d.names {
		if filepath.Dir(name) == dir {
			d.durable[name] = n
		}
	}
}

// Luck is what a power cut does to what was not durable.
type Luck int

// Kinds of luck.
const (
	Worst Luck = iota // nothing of it is there
	Best              // all of it is there
	Mixed             // each write is there, or half there, or not
	Lucks
)

// Cut writes what is left after a power cut to another directory, which must
// be empty. The Disk goes on, so that one run can be cut many times.
func (d *Disk) Cut(dest string, luck Luck, rnd *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := d.surviving(luck, rnd)
	for name, n := range left {
		if n == nil || !n.dir {
			continue
		}
		if err := os.MkdirAll(d.moved(name, dest), 0o700); err != nil {
			return err
		}
	}
	for name, n := range left {
		if n == nil || n.dir || !d.reachable(name, left) {
			continue
		}
		if err := os.WriteFile(d.moved(name, dest), n.surviving(luck, rnd), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (d *Disk) moved(name, dest string) string {
	return filepath.Join(dest, strings.TrimPrefix(name, d.root))
}

// surviving draws which names are there.
func (d *Disk) surviving(luck Luck, rnd *rand.Rand) map[string]*inode {
	left := map[string]*inode{}
	for name, n := range d.durable {
		left[name] = n
	}
	all := make(map[string]bool)
	for name := range d.durable {
		all[name] = true
	}
	for name := range d.names {
		all[name] = true
	}
	for name := range all {
		if luck == Best || luck == Mixed && rnd.IntN(2) == 0 {
			left[name] = d.names[name]
		}
	}
	return left
}

// reachable reports whether the directory of a file is there.
func (d *Disk) reachable(name string, left map[string]*inode) bool {
	dir := filepath.Dir(name)
	return dir == d.root || left[dir] != nil && d.reachable(dir, left)
}

// sector is what a disk writes whole or not at all.
const sector = 512

func (n *inode) surviving(luck Luck, rnd *rand.Rand) []byte {
	b := append([]byte(nil), n.synced...)
	for _, w := range n.pending {
		if w.lost || luck == Worst {
			continue
		}
		if luck == Mixed {
			switch rnd.IntN(3) {
			case 0:
				continue
			case 1:
				if sectors := len(w.data) / sector; sectors > 0 {
					w.data = w.data[:sector*rnd.IntN(sectors+1)]
				}
			}
		}
		b = w.apply(b)
	}
	return b
}
