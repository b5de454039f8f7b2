// Package pack keeps bytes in segments: files that are appended to, never cut
// and never changed.
//
// A segment is a sequence of records. A record is, in this order, big-endian:
//
//	magic   4 bytes  "PREC"
//	length  8 bytes  of the bytes that follow the head
//	id      8 bytes  segment number << 32 | number of the record in it
//	crc     4 bytes  CRC-32C of length, id and bytes
//	bytes
//
// Every Pack begins segments of its own, so that what a dying process left at
// the end of one is never built upon. The package doesn't know what the bytes
// are and who refers to them: who removes a segment must know that.
package pack

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"postern/internal/mailhost/store/file"
)

// Errors of this package. ErrDamaged is about the bytes on the disk.
var (
	ErrDamaged = errors.New("record is damaged")
	ErrInUse   = errors.New("segment is in use")
	ErrSync    = errors.New("fsync failed")
)

// MaxSegment is the size in bytes beyond which no record is appended to a
// segment any more.
const MaxSegment = 256 << 20

// maxBuffer is how large a buffer is kept from one Flush to the next.
const maxBuffer = 8 << 20

// maxIdle is how many segments stay open that nobody uses.
const maxIdle = 64

// A Ref says where the bytes of a record lie.
type Ref struct {
	Segment, Offset, Size int64
}

// A Pack is a directory of segments. Its methods may be called from many
// goroutines, but Append and Flush must not overlap.
type Pack struct {
	fs  file.FS
	dir string

	mu   sync.Mutex
	last int64              // the highest segment number ever used
	open map[int64]*segment // those in use and those idle
	idle []*segment         // longest idle first

	current *segment // appended to; of Append and Flush only
	buffer  []byte   // records that are to be written at its end
	newborn bool     // the directory is not yet synced after current came
	synced  bool     // current has records that are durable
}

// A segment is an open segment file.
type segment struct {
	number  int64
	file    file.File
	users   int
	end     int64 // where the next record goes
	records int64 // how many there are
}

const suffix = ".pack"

// Open opens the segments in a directory, which it makes if it is not there.
// New segments get numbers above floor and above all that are there.
func Open(fs file.FS, dir string, floor int64) (*Pack, error) {
	if err := fs.MakeDir(dir); err != nil {
		return nil, err
	}
	if err := fs.SyncDir(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	p := &Pack{fs: fs, dir: dir, last: floor, open: map[int64]*segment{}}
	numbers, err := p.Segments()
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		p.last = max(p.last, n)
	}
	return p, nil
}

// Segments lists the segments that are there, by number. Files with other
// names are nobody's.
func (p *Pack) Segments() ([]int64, error) {
	entries, err := p.fs.List(p.dir)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if n, err := strconv.ParseInt(name, 16, 64); ok && err == nil && e.Name() == fileName(n) {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

func fileName(n int64) string { return fmt.Sprintf("%012x%s", n, suffix) }

func (p *Pack) path(n int64) string { return filepath.Join(p.dir, fileName(n)) }

// create begins the next segment. The caller is its first user.
func (p *Pack) create() (*segment, error) {
	p.mu.Lock()
	p.last++
	n := p.last
	p.mu.Unlock()

	f, err := p.fs.Create(p.path(n))
	if err != nil {
		return nil, err
	}
	s := &segment{number: n, file: f, users: 1}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[n] = s
	return s, nil
}

// acquire opens a segment for one more user.
func (p *Pack) acquire(n int64) (*segment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.open[n]
	if s == nil {
		f, err := p.fs.Open(p.path(n))
		if err != nil {
			return nil, err
		}
		s = &segment{number: n, file: f}
		p.open[n] = s
	} else if s.users == 0 {
		p.unidle(s)
	}
	s.users++
	return s, nil
}

// release ends one use of a segment. It stays open for a while.
func (p *Pack) release(s *segment) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.users--; s.users > 0 {
		return nil
	}
	if p.open[s.number] != s { // the pack was closed
		return s.file.Close()
	}
	p.idle = append(p.idle, s)
	if len(p.idle) <= maxIdle {
		return nil
	}
	oldest := p.idle[0]
	p.unidle(oldest)
	delete(p.open, oldest.number)
	return oldest.file.Close()
}

func (p *Pack) unidle(s *segment) {
	for i, t := range p.idle {
		if t == s {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return
		}
	}
}

// Remove removes a segment, or returns ErrInUse when somebody reads or writes
// it. Who has no row that refers to it may remove it.
func (p *Pack) Remove(n int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.open[n]; s != nil {
		if s.users > 0 {
			return fmt.Errorf("%s: %w", p.path(n), ErrInUse)
		}
		p.unidle(s)
		delete(p.open, n)
		s.file.Close()
	}
	return p.fs.Remove(p.path(n))
}

// Close closes the segments that nobody uses; the others are closed by their
// last user.
func (p *Pack) Close() error {
	err := p.abandon()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		err = errors.Join(err, s.file.Close())
	}
	p.idle = nil
	clear(p.open)
	return err
}
