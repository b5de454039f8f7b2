package powercut

import (
	"path/filepath"

	"postern/internal/mailhost/store/vfs"
)

// VFS returns the name under which SQLite's files go to the Disk.
func (d *Disk) VFS() (string, error) {
	if d.vfs == nil {
		v, err := vfs.Register("", layer{d})
		if err != nil {
			return "", err
		}
		d.vfs = v
	}
	return d.vfs.Name, nil
}

// layer is the Disk as SQLite's files see it.
type layer struct{ d *Disk }

func (l layer) Open(r vfs.Request, below func() (vfs.File, vfs.Code)) (vfs.File, vfs.Code) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	node := l.d.names[r.Path]
	if node == nil && r.Create && l.d.op("create", r.Path) != nil {
		return nil, vfs.CantOpen
	}
	f, rc := below()
	if rc != vfs.OK {
		return nil, rc
	}
	if node == nil {
		node = l.d.created(r.Path)
	}
	return &sqlFile{File: f, d: l.d, name: r.Path, node: node, fresh: r.WAL || r.Journal}, vfs.OK
}

func (l layer) Delete(path string, sync bool, below func() vfs.Code) vfs.Code {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	if l.d.op("remove", path) != nil {
		return vfs.RemovalFailed
	}
	delete(l.d.names, path)
	if sync {
		l.d.syncDir(filepath.Dir(path))
	}
	return below()
}

// A sqlFile is a file that SQLite has open.
type sqlFile struct {
	vfs.File
	d     *Disk
	name  string
	node  *inode
	fresh bool // a journal whose directory is still to be synced
}

func (f *sqlFile) Write(b []byte, off int64) vfs.Code {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	failed := f.d.op("write", f.name) != nil
	if failed {
		b = b[:len(b)/2]
	}
	f.node.write(b, off)
	rc := f.File.Write(b, off)
	if failed {
		rc = vfs.WriteFailed
	}
	return rc
}

func (f *sqlFile) Truncate(size int64) vfs.Code {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.op("truncate", f.name) != nil {
		return vfs.CutFailed
	}
	f.node.cut(size)
	return f.File.Truncate(size)
}

// Sync leaves out the real fsync: a real power cut is not what tests wait for.
// With the first sync of a journal SQLite syncs its directory too.
func (f *sqlFile) Sync() vfs.Code {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.op("sync", f.name) != nil {
		f.node.lose()
		return vfs.SyncFailed
	}
	f.node.sync()
	if f.fresh {
		f.d.syncDir(filepath.Dir(f.name))
		f.fresh = false
	}
	return vfs.OK
}
