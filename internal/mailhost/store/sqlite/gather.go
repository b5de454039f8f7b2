package sqlite

import (
	"postern/internal/mailhost/store/vfs"
)

// gather collects what SQLite writes to its log and hands it on in one write,
// just before the fsync of the commit.
//
// SQLite itself writes every page of the log in two pieces, of 24 and 4,096
// bytes. A commit of 64 deliveries has more than a hundred of them, and the
// disk takes three times as long for the fsync afterwards.
type gather struct{}

func (gather) Open(r vfs.Request, below func() (vfs.File, vfs.Code)) (vfs.File, vfs.Code) {
	f, rc := below()
	if rc != vfs.OK || !r.WAL {
		return f, rc
	}
	return &gathered{File: f}, rc
}

func (gather) Delete(_ string, _ bool, below func() vfs.Code) vfs.Code { return below() }

// maxGathered is how many bytes wait at most.
const maxGathered = 4 << 20

// A gathered file holds back what follows on what it holds back already. Whoever
// looks at the file through it sees everything written: other connections look
// only after the fsync.
type gathered struct {
	vfs.File
	held []byte
	at   int64 // where held begins in the file
}

func (g *gathered) Write(b []byte, off int64) vfs.Code {
	if off != g.at+int64(len(g.held)) || len(g.held)+len(b) > maxGathered {
		if rc := g.flush(); rc != vfs.OK {
			return rc
		}
		g.at = off
	}
	g.held = append(g.held, b...)
	return vfs.OK
}

// flush writes what is held back. What cannot be written is dropped: the
// commit that it belongs to fails.
func (g *gathered) flush() vfs.Code {
	if len(g.held) == 0 {
		return vfs.OK
	}
	rc := g.File.Write(g.held, g.at)
	g.at += int64(len(g.held))
	g.held = g.held[:0]
	return rc
}

// after flushes and then does the rest.
func (g *gathered) after(do func() vfs.Code) vfs.Code {
	if rc := g.flush(); rc != vfs.OK {
		return rc
	}
	return do()
}

func (g *gathered) Read(b []byte, off int64) vfs.Code {
	return g.after(func() vfs.Code { return g.File.Read(b, off) })
}

func (g *gathered) Truncate(size int64) vfs.Code {
	return g.after(func() vfs.Code { return g.File.Truncate(size) })
}

func (g *gathered) Sync() vfs.Code { return g.after(g.File.Sync) }

func (g *gathered) Size() (size int64, rc vfs.Code) {
	rc = g.after(func() (rc vfs.Code) {
		size, rc = g.File.Size()
		return rc
	})
	return size, rc
}

func (g *gathered) Close() vfs.Code {
	g.flush() // nothing that is not synced was ever promised
	return g.File.Close()
}
