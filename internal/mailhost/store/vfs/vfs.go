// Package vfs lays Go code between SQLite and its files.
//
// A Layer sees which files SQLite opens and removes, and may put a File of its
// own before any of them. What it does not care about goes to the VFS below
// untouched, without a detour: locks, shared memory, reads of other files.
//
// All that is unsafe is here: SQLite is C translated to Go, and calls its VFS
// through tables of function pointers. The registry of those tables is global
// because SQLite's is, and because a callback brings nothing but a pointer.
//
// https://sqlite.org/vfs.html
package vfs

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// A Code is an SQLite result code.
type Code = int32

// The codes that a Layer needs.
const (
	OK            Code = lib.SQLITE_OK
	CantOpen      Code = lib.SQLITE_CANTOPEN
	WriteFailed   Code = lib.SQLITE_IOERR_WRITE
	SyncFailed    Code = lib.SQLITE_IOERR_FSYNC
	CutFailed     Code = lib.SQLITE_IOERR_TRUNCATE
	RemovalFailed Code = lib.SQLITE_IOERR_DELETE
)

// A File is what SQLite reads from and writes to. It belongs to one
// connection, which calls one method at a time.
type File interface {
	Read(b []byte, off int64) Code
	Write(b []byte, off int64) Code
	Truncate(size int64) Code
	Sync() Code
	Size() (int64, Code)
	Close() Code
}

// A Request says what SQLite wants to open.
type Request struct {
	Path    string
	Create  bool // if it is not there
	WAL     bool // the write-ahead log
	Journal bool // the rollback journal
}

// A Layer stands between SQLite and the VFS below. Its methods may be called
// from many goroutines.
type Layer interface {
	// Open opens a file by calling below. It returns what that returned or a
	// File around it, which is then asked for all that File has.
	Open(r Request, below func() (File, Code)) (File, Code)
	// Delete removes a file by calling below. With sync, its directory is to
	// be made durable.
	Delete(path string, sync bool, below func() Code) Code
}

// A VFS is a Layer that SQLite knows by a name.
type VFS struct {
	Name  string
	layer Layer
	base  uintptr // the sqlite3_vfs below
	self  uintptr // ours
	cname uintptr
	tls   *libc.TLS
}

// global is what callbacks look up.
var global = struct {
	sync.Mutex
	vfs    map[uintptr]*VFS    // by sqlite3_vfs
	files  map[uintptr]*opened // by sqlite3_file
	tables map[uintptr]uintptr // our sqlite3_io_methods, by those below
}{vfs: map[uintptr]*VFS{}, files: map[uintptr]*opened{}, tables: map[uintptr]uintptr{}}

var number atomic.Int64

// Register makes SQLite know a Layer over the VFS called base; "" is SQLite's
// own. Close must follow.
func Register(base string, l Layer) (*VFS, error) {
	v := &VFS{Name: fmt.Sprintf("postern%d", number.Add(1)), layer: l, tls: libc.NewTLS()}
	if err := v.register(base); err != nil {
		v.tls.Close()
		return nil, fmt.Errorf("register an SQLite VFS: %w", err)
	}
	return v, nil
}

func (v *VFS) register(base string) error {
	var name uintptr
	if base != "" {
		var err error
		if name, err = libc.CString(base); err != nil {
			return err
		}
		defer libc.Xfree(v.tls, name)
	}
	if v.base = lib.Xsqlite3_vfs_find(v.tls, name); v.base == 0 {
		return fmt.Errorf("there is none called %q to build upon", base)
	}
	var err error
	if v.cname, err = libc.CString(v.Name); err != nil {
		return err
	}
	v.self = libc.Xmalloc(v.tls, lib.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_vfs{})))
	ours := at[lib.Tsqlite3_vfs](v.self)
	*ours = *at[lib.Tsqlite3_vfs](v.base)
	ours.FpNext, ours.FzName = 0, v.cname
	ours.FxOpen, ours.FxDelete = pointer(xOpen), pointer(xDelete)
	global.Lock()
	global.vfs[v.self] = v
	global.Unlock()
	if rc := lib.Xsqlite3_vfs_register(v.tls, v.self, 0); rc != OK {
		v.free()
		return fmt.Errorf("SQLite error %d", rc)
	}
	return nil
}

// Close makes SQLite forget the VFS. All connections that use it must be
// closed.
func (v *VFS) Close() {
	lib.Xsqlite3_vfs_unregister(v.tls, v.self)
	v.free()
	v.tls.Close()
}

func (v *VFS) free() {
	global.Lock()
	delete(global.vfs, v.self)
	global.Unlock()
	libc.Xfree(v.tls, v.self)
	libc.Xfree(v.tls, v.cname)
}

func vfsOf(p uintptr) *VFS {
	global.Lock()
	defer global.Unlock()
	return global.vfs[p]
}

func xOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	v := vfsOf(vfs)
	open := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](at[lib.Tsqlite3_vfs](v.base).FxOpen)
	if name == 0 { // a temporary file
		return open(tls, v.base, name, file, flags, out)
	}
	var below *opened
	f, rc := v.layer.Open(Request{
		Path:    filepath.Clean(libc.GoString(name)),
		Create:  flags&lib.SQLITE_OPEN_CREATE != 0,
		WAL:     flags&lib.SQLITE_OPEN_WAL != 0,
		Journal: flags&lib.SQLITE_OPEN_MAIN_JOURNAL != 0,
	}, func() (File, Code) {
		if rc := open(tls, v.base, name, file, flags, out); rc != OK {
			return nil, rc
		}
		below = beneath(tls, file)
		return below.File, OK
	})
	if rc == OK && f != below.File {
		intercept(tls, file, &opened{File: f, handle: below.handle})
	}
	return rc
}

func xDelete(tls *libc.TLS, vfs, name uintptr, sync int32) int32 {
	v := vfsOf(vfs)
	return v.layer.Delete(filepath.Clean(libc.GoString(name)), sync != 0, func() Code {
		return function[func(*libc.TLS, uintptr, uintptr, int32) int32](at[lib.Tsqlite3_vfs](v.base).FxDelete)(tls, v.base, name, sync)
	})
}

// at is what lies at an address outside of Go's heap.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// pointer is a Go function as translated C code calls it. f must not be a
// closure: nothing would keep it from being collected.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// function is the Go function behind a pointer of translated C code.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }
