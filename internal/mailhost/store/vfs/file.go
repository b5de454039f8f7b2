package vfs

import (
	"runtime"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// A handle is a file of the VFS below, as a File.
type handle struct {
	tls     *libc.TLS // of the call at hand
	file    uintptr
	methods lib.Tsqlite3_io_methods
}

// The signatures of the methods in a table.
type (
	bytesFunc = func(tls *libc.TLS, file, buf uintptr, n int32, off lib.Tsqlite3_int64) int32
	sizeFunc  = func(tls *libc.TLS, file uintptr, size lib.Tsqlite3_int64) int32
	syncFunc  = func(tls *libc.TLS, file uintptr, flags int32) int32
	outFunc   = func(tls *libc.TLS, file, out uintptr) int32
	plainFunc = func(tls *libc.TLS, file uintptr) int32
)

func (h *handle) Read(b []byte, off int64) Code {
	return h.bytes(h.methods.FxRead, b, off)
}

// maxWrite is how many bytes SQLite's own VFS takes at once: a page. With more
// it can write nothing and say that the disk is full.
const maxWrite = 64 << 10

func (h *handle) Write(b []byte, off int64) Code {
	for len(b) > maxWrite {
		if rc := h.bytes(h.methods.FxWrite, b[:maxWrite], off); rc != OK {
			return rc
		}
		b, off = b[maxWrite:], off+maxWrite
	}
	return h.bytes(h.methods.FxWrite, b, off)
}

func (h *handle) bytes(method uintptr, b []byte, off int64) Code {
	if len(b) == 0 {
		return OK
	}
	rc := function[bytesFunc](method)(h.tls, h.file, uintptr(unsafe.Pointer(&b[0])), int32(len(b)), off)
	runtime.KeepAlive(b)
	return rc
}

func (h *handle) Truncate(size int64) Code {
	return function[sizeFunc](h.methods.FxTruncate)(h.tls, h.file, size)
}

func (h *handle) Sync() Code {
	return function[syncFunc](h.methods.FxSync)(h.tls, h.file, lib.SQLITE_SYNC_NORMAL)
}

func (h *handle) Size() (int64, Code) {
	size := libc.Xmalloc(h.tls, 8)
	defer libc.Xfree(h.tls, size)
	rc := function[outFunc](h.methods.FxFileSize)(h.tls, h.file, size)
	return *at[int64](size), rc
}

func (h *handle) Close() Code { return function[plainFunc](h.methods.FxClose)(h.tls, h.file) }

// An opened is what SQLite has open: the File that a Layer gave it, with the
// handle at the bottom. Where Layers lie upon each other, it is the uppermost's.
type opened struct {
	File
	handle *handle
}

// beneath is what a VFS has just opened, for the Layer upon it.
func beneath(tls *libc.TLS, file uintptr) *opened {
	global.Lock()
	defer global.Unlock()
	if o := global.files[file]; o != nil {
		return o
	}
	h := &handle{tls: tls, file: file, methods: *at[lib.Tsqlite3_io_methods](methodsOf(file))}
	return &opened{File: h, handle: h}
}

func methodsOf(file uintptr) uintptr { return at[lib.Tsqlite3_file](file).FpMethods }

// intercept has SQLite call o instead of the file's own methods.
func intercept(tls *libc.TLS, file uintptr, o *opened) {
	global.Lock()
	defer global.Unlock()
	upon := global.files[file] != nil // another Layer has done the rest
	global.files[file] = o
	if upon {
		return
	}
	real := methodsOf(file)
	table := global.tables[real]
	if table == 0 {
		table = libc.Xmalloc(tls, lib.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_io_methods{})))
		m := at[lib.Tsqlite3_io_methods](table)
		*m = o.handle.methods
		m.FxClose, m.FxRead, m.FxWrite = pointer(xClose), pointer(xRead), pointer(xWrite)
		m.FxTruncate, m.FxSync, m.FxFileSize = pointer(xTruncate), pointer(xSync), pointer(xFileSize)
		global.tables[real] = table
	}
	at[lib.Tsqlite3_file](file).FpMethods = table
}

// openedAs is what stands before a file, ready for a call.
func openedAs(tls *libc.TLS, file uintptr) *opened {
	global.Lock()
	defer global.Unlock()
	o := global.files[file]
	o.handle.tls = tls
	return o
}

func xRead(tls *libc.TLS, file, buf uintptr, n int32, off lib.Tsqlite3_int64) int32 {
	return openedAs(tls, file).Read(unsafe.Slice(at[byte](buf), n), off)
}

func xWrite(tls *libc.TLS, file, buf uintptr, n int32, off lib.Tsqlite3_int64) int32 {
	return openedAs(tls, file).Write(unsafe.Slice(at[byte](buf), n), off)
}

func xTruncate(tls *libc.TLS, file uintptr, size lib.Tsqlite3_int64) int32 {
	return openedAs(tls, file).Truncate(size)
}

func xSync(tls *libc.TLS, file uintptr, _ int32) int32 { return openedAs(tls, file).Sync() }

func xFileSize(tls *libc.TLS, file, out uintptr) int32 {
	size, rc := openedAs(tls, file).Size()
	*at[int64](out) = size
	return rc
}

func xClose(tls *libc.TLS, file uintptr) int32 {
	o := openedAs(tls, file)
	global.Lock()
	delete(global.files, file)
	global.Unlock()
	return o.Close()
}
