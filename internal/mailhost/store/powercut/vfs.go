package powercut

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// shims knows, for the C code's pointers, what they stand for: SQLite calls
// back with nothing but a pointer.
var shims = struct {
	sync.Mutex
	disks   map[uintptr]*Disk    // by sqlite3_vfs
	files   map[uintptr]*sqlFile // by sqlite3_file
	methods map[uintptr]uintptr  // the shim of an sqlite3_io_methods
}{disks: map[uintptr]*Disk{}, files: map[uintptr]*sqlFile{}, methods: map[uintptr]uintptr{}}

var vfsNumber atomic.Int64

// A sqlFile is a file that SQLite has open.
type sqlFile struct {
	d    *Disk
	name string
	node *inode
	new  bool // a journal whose directory is still to be synced
	real *lib.Tsqlite3_io_methods
}

// VFS returns the name under which SQLite's files go to the Disk.
func (d *Disk) VFS() (string, error) {
	if d.vfs != "" {
		return d.vfs, nil
	}
	tls := libc.NewTLS()
	base := lib.Xsqlite3_vfs_find(tls, 0)
	if base == 0 {
		return "", fmt.Errorf("SQLite has no VFS")
	}
	name := fmt.Sprintf("powercut%d", vfsNumber.Add(1))
	cname, err := libc.CString(name)
	if err != nil {
		return "", err
	}
	p := libc.Xmalloc(tls, lib.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_vfs{})))
	shim := at[lib.Tsqlite3_vfs](p)
	*shim = *at[lib.Tsqlite3_vfs](base)
	shim.FpNext, shim.FzName = 0, cname
	shim.FxOpen = pointer(vfsOpen)
	shim.FxDelete = pointer(vfsDelete)
	shims.Lock()
	shims.disks[p] = d
	shims.Unlock()
	if rc := lib.Xsqlite3_vfs_register(tls, p, 0); rc != lib.SQLITE_OK {
		return "", fmt.Errorf("register a VFS: SQLite error %d", rc)
	}
	d.vfs = name
	d.forget = func() {
		lib.Xsqlite3_vfs_unregister(tls, p)
		shims.Lock()
		delete(shims.disks, p)
		shims.Unlock()
		libc.Xfree(tls, cname)
		libc.Xfree(tls, p)
		tls.Close()
	}
	return name, nil
}

// at is what lies at an address outside of Go's heap.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// pointer is a Go function as translated C code calls it. f must not be a
// closure: nothing keeps it from being collected.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// function is the Go function behind a pointer of translated C code.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }

type (
	openFunc  = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	delFunc   = func(tls *libc.TLS, vfs, name uintptr, sync int32) int32
	closeFunc = func(tls *libc.TLS, file uintptr) int32
	writeFunc = func(tls *libc.TLS, file, buf uintptr, n int32, off lib.Tsqlite3_int64) int32
	cutFunc   = func(tls *libc.TLS, file uintptr, size lib.Tsqlite3_int64) int32
)

// below is the VFS that does the work.
func below(tls *libc.TLS) *lib.Tsqlite3_vfs {
	return at[lib.Tsqlite3_vfs](lib.Xsqlite3_vfs_find(tls, 0))
}

func diskOf(vfs uintptr) *Disk {
	shims.Lock()
	defer shims.Unlock()
	return shims.disks[vfs]
}

func fileOf(file uintptr) *sqlFile {
	shims.Lock()
	defer shims.Unlock()
	return shims.files[file]
}

func vfsOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	real := function[openFunc](below(tls).FxOpen)
	d := diskOf(vfs)
	if name == 0 { // a temporary file
		return real(tls, vfs, name, file, flags, out)
	}
	path := filepath.Clean(libc.GoString(name))
	d.mu.Lock()
	defer d.mu.Unlock()
	node := d.names[path]
	if node == nil && flags&lib.SQLITE_OPEN_CREATE != 0 && d.op("create", path) != nil {
		return lib.SQLITE_CANTOPEN
	}
	if rc := real(tls, vfs, name, file, flags, out); rc != lib.SQLITE_OK {
		return rc
	}
	if node == nil {
		node = d.created(path)
	}
	methods := &at[lib.Tsqlite3_file](file).FpMethods
	shims.Lock()
	defer shims.Unlock()
	shims.files[file] = &sqlFile{
		d: d, name: path, node: node,
		new:  flags&(lib.SQLITE_OPEN_WAL|lib.SQLITE_OPEN_MAIN_JOURNAL) != 0,
		real: at[lib.Tsqlite3_io_methods](*methods),
	}
	*methods = shimmed(tls, *methods)
	return lib.SQLITE_OK
}

// shimmed returns a copy of a method table with ours in it. shims is locked.
func shimmed(tls *libc.TLS, real uintptr) uintptr {
	if p := shims.methods[real]; p != 0 {
		return p
	}
	p := libc.Xmalloc(tls, lib.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_io_methods{})))
	m := at[lib.Tsqlite3_io_methods](p)
	*m = *at[lib.Tsqlite3_io_methods](real)
	m.FxClose = pointer(fileClose)
	m.FxWrite = pointer(fileWrite)
	m.FxTruncate = pointer(fileCut)
	m.FxSync = pointer(fileSync)
	shims.methods[real] = p
	return p
}

func vfsDelete(tls *libc.TLS, vfs, name uintptr, sync int32) int32 {
	d := diskOf(vfs)
	path := filepath.Clean(libc.GoString(name))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.op("remove", path) != nil {
		return lib.SQLITE_IOERR_DELETE
	}
	rc := function[delFunc](below(tls).FxDelete)(tls, vfs, name, 0)
	delete(d.names, path)
	if sync != 0 {
		d.syncDir(filepath.Dir(path))
	}
	return rc
}

func fileClose(tls *libc.TLS, file uintptr) int32 {
	f := fileOf(file)
	shims.Lock()
	delete(shims.files, file)
	shims.Unlock()
	return function[closeFunc](f.real.FxClose)(tls, file)
}

func fileWrite(tls *libc.TLS, file, buf uintptr, n int32, off lib.Tsqlite3_int64) int32 {
	f := fileOf(file)
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.op("write", f.name)
	if err != nil {
		n /= 2
	}
	f.node.write(unsafe.Slice(at[byte](buf), n), off)
	rc := function[writeFunc](f.real.FxWrite)(tls, file, buf, n, off)
	if err != nil {
		rc = lib.SQLITE_IOERR_WRITE
	}
	return rc
}

func fileCut(tls *libc.TLS, file uintptr, size lib.Tsqlite3_int64) int32 {
	f := fileOf(file)
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.op("truncate", f.name) != nil {
		return lib.SQLITE_IOERR_TRUNCATE
	}
	f.node.cut(size)
	return function[cutFunc](f.real.FxTruncate)(tls, file, size)
}

// fileSync leaves out the real fsync: a real power cut is not what tests wait
// for. With the first sync of a journal SQLite syncs its directory too.
func fileSync(_ *libc.TLS, file uintptr, _ int32) int32 {
	f := fileOf(file)
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.op("sync", f.name) != nil {
		f.node.lose()
		return lib.SQLITE_IOERR_FSYNC
	}
	f.node.sync()
	if f.new {
		f.d.syncDir(filepath.Dir(f.name))
		f.new = false
	}
	return lib.SQLITE_OK
}
