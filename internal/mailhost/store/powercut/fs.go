package powercut

import (
	"errors"
	"io/fs"
	"path/filepath"

	"postern/internal/mailhost/store/file"
)

// FS returns the Disk as the store's own files see it.
func (d *Disk) FS() file.FS { return diskFS{d, file.OS()} }

type diskFS struct {
	d  *Disk
	os file.FS
}

func (f diskFS) Create(name string) (file.File, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.op("create", name); err != nil {
		return nil, err
	}
	real, err := f.os.Create(name)
	if err != nil {
		return nil, err
	}
	return &diskFile{File: real, d: f.d, name: name, node: f.d.created(name)}, nil
}

func (f diskFS) Open(name string) (file.File, error) { return f.os.Open(name) }

func (f diskFS) Remove(name string) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.op("remove", name); err != nil {
		return err
	}
	delete(f.d.names, filepath.Clean(name))
	return f.os.Remove(name)
}

func (f diskFS) MakeDir(name string) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.op("mkdir", name); err != nil {
		return err
	}
	if name = filepath.Clean(name); name != f.d.root && f.d.names[name] == nil {
		f.d.names[name] = &inode{dir: true}
	}
	return f.os.MakeDir(name)
}

func (f diskFS) List(name string) ([]fs.DirEntry, error) { return f.os.List(name) }

func (f diskFS) SyncDir(name string) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.op("sync directory", name); err != nil {
		return err
	}
	f.d.syncDir(name)
	return nil
}

type diskFile struct {
	file.File
	d    *Disk
	name string
	node *inode
}

func (f *diskFile) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.op("write", f.name)
	if err != nil {
		b = b[:len(b)/2] // a write that fails may have begun
	}
	f.node.write(b, off)
	n, e := f.File.WriteAt(b, off)
	return n, errors.Join(err, e)
}

func (f *diskFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.op("sync", f.name); err != nil {
		f.node.lose()
		return err
	}
	f.node.sync()
	return nil
}
