package pack

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

const (
	magic    = "PREC"
	headSize = 4 + 8 + 8 + 4
	crcAt    = headSize - 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// recordID names the nth record of a segment.
func recordID(segment, n int64) uint64 { return uint64(segment)<<32 | uint64(n)&0xffffffff }

// A head is what stands before a record's bytes.
type head struct {
	length int64
	id     uint64
	crc    uint32
}

// seal returns the head of a record whose bytes have the checksum sum.
func seal(length int64, id uint64, sum uint32) head {
	h := head{length: length, id: id}
	h.crc = h.checksum(sum)
	return h
}

// checksum continues the checksum of the bytes over length and id, so that
// the bytes can be summed up before these are known.
func (h head) checksum(sum uint32) uint32 {
	return crc32.Update(sum, castagnoli, h.append(nil)[len(magic):crcAt])
}

func (h head) append(b []byte) []byte {
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.length))
	b = binary.BigEndian.AppendUint64(b, h.id)
	return binary.BigEndian.AppendUint32(b, h.crc)
}

// parseHead reads the head of the record that ref points at.
func parseHead(b []byte, ref Ref) (head, error) {
	h := head{
		length: int64(binary.BigEndian.Uint64(b[4:])),
		id:     binary.BigEndian.Uint64(b[12:]),
		crc:    binary.BigEndian.Uint32(b[crcAt:]),
	}
	switch {
	case string(b[:4]) != magic:
		return h, fmt.Errorf("%w: no record begins there", ErrDamaged)
	case h.length != ref.Size:
		return h, fmt.Errorf("%w: it has %d bytes, not %d", ErrDamaged, h.length, ref.Size)
	case h.id>>32 != uint64(ref.Segment)&0xffffffff:
		return h, fmt.Errorf("%w: it belongs to segment %d", ErrDamaged, h.id>>32)
	}
	return h, nil
}
