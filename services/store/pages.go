package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// A pageTree reads a database's pages as they lie in the file, with bbolt's
// format and none of its trust: bbolt follows a page that points to itself for
// ever, reads on beyond the file's end, and overwrites a page that its list of
// free ones names by mistake.
//
//	0, 1 meta ─▶ root ─▶ branch ─▶ leaf ─▶ root of a bucket ─▶ ...
//	     └─────▶ free: the pages that nobody points to
//
// https://github.com/etcd-io/bbolt/blob/main/internal/common/page.go
type pageTree struct {
	data     []byte
	pageSize uint64
	used     []bool // by the number of the page
}

// The kinds of pages, and what a page and its elements begin with.
const (
	branchPage, leafPage, freePage = 0x01, 0x02, 0x10

	headerSize, elementSize = 16, 16
	bucketElement           = 0x01
	manyFree                = 0xFFFF // free pages: their number stands before them
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

func (t *pageTree) u32(at uint64) uint64 { return uint64(binary.NativeEndian.Uint32(t.data[at:])) }
func (t *pageTree) u64(at uint64) uint64 { return binary.NativeEndian.Uint64(t.data[at:]) }

// A meta says where the last transaction's pages are, or those of the one
// before.
type meta struct{ root, free, pages, transaction uint64 }

// readMeta checks both of the pages that have one, and gives the later one.
// Where one is damaged, bbolt goes on with the other, and what was written last
// would be gone without a word. A power cut does not tear one: what counts of
// it lies within one sector of a disk.
func readMeta(file io.ReaderAt, pageSize int) (last meta, err error) {
	const covered = 56 // by the checksum behind it
	for i := range 2 {
		b := make([]byte, covered+8)
		if _, err := file.ReadAt(b, int64(i*pageSize+headerSize)); err != nil {
			return meta{}, damaged("page %d: %v", i, err)
		}
		h := fnv.New64a()
		h.Write(b[:covered])
		word := func(at int) uint64 { return binary.NativeEndian.Uint64(b[at:]) }
		if h.Sum64() != word(covered) {
			return meta{}, damaged("the checksum of page %d is wrong", i)
		}
		if m := (meta{word(16), word(32), word(40), word(48)}); i == 0 || m.transaction > last.transaction {
			last = m
		}
	}
	return last, nil
}

// checkPages checks that each page is reached once, or free.
func checkPages(file io.ReaderAt, pageSize int) error {
	m, err := readMeta(file, pageSize)
	if err != nil {
		return err
	}
	t := pageTree{data: make([]byte, m.pages*uint64(pageSize)), pageSize: uint64(pageSize), used: make([]bool, m.pages)}
	if n, err := file.ReadAt(t.data, 0); err != nil {
		return damaged("it is cut short: %d bytes of %d", n, len(t.data))
	}
	t.used[0], t.used[1] = true, true
	if err := t.walk(m.root); err != nil {
		return err
	}
	if err := t.walkFree(m.free); err != nil {
		return err
	}
	for id, used := range t.used {
		if !used {
			return damaged("page %d is lost", id)
		}
	}
	return nil
}

// take marks a page and those that it runs over as used, and gives its bytes'
// place.
func (t *pageTree) take(id uint64) (from, to, kind, count uint64, err error) {
	pages := uint64(len(t.used))
	if id >= pages {
		return 0, 0, 0, 0, damaged("there is no page %d", id)
	}
	from = id * t.pageSize
	over := t.u32(from + 12)
	if t.u64(from) != id || id+over >= pages {
		return 0, 0, 0, 0, damaged("page %d is another one", id)
	}
	for n := id; n <= id+over; n++ {
		if t.used[n] {
			return 0, 0, 0, 0, damaged("page %d is used twice", n)
		}
		t.used[n] = true
	}
	return from, (id + over + 1) * t.pageSize, t.u32(from+8) & 0xFFFF, t.u32(from+8) >> 16, nil
}

func (t *pageTree) walk(id uint64) error {
	from, to, kind, count, err := t.take(id)
	if err != nil {
		return err
	}
	if kind != branchPage && kind != leafPage || from+headerSize+count*elementSize > to {
		return damaged("page %d is no page of a bucket", id)
	}
	for i := range count {
		at := from + headerSize + i*elementSize
		if kind == branchPage {
			if at+t.u32(at)+t.u32(at+4) > to {
				return damaged("page %d: a key reaches beyond it", id)
			}
			err = t.walk(t.u64(at + 8))
		} else {
			err = t.walkLeaf(id, at, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// walkLeaf goes on into a bucket that has pages of its own.
func (t *pageTree) walkLeaf(id, at, to uint64) error {
	value := at + t.u32(at+4) + t.u32(at+8)
	size := t.u32(at + 12)
	if value+size > to {
		return damaged("page %d: a value reaches beyond it", id)
	}
	if t.u32(at)&bucketElement == 0 {
		return nil
	}
	if size < 16 {
		return damaged("page %d: a bucket has no header", id)
	}
	if root := t.u64(value); root != 0 {
		return t.walk(root)
	}
	return nil // it is small, and lies here itself
}

func (t *pageTree) walkFree(id uint64) error {
	from, to, kind, count, err := t.take(id)
	if err != nil {
		return err
	}
	at := from + headerSize
	if kind == freePage && count == manyFree {
		count, at = t.u64(at), at+8
	}
	if kind != freePage || count > (to-at)/8 {
		return damaged("page %d is no list of free pages", id)
	}
	for i := range count {
		free := t.u64(at + 8*i)
		if free >= uint64(len(t.used)) || t.used[free] {
			return damaged("page %d is free and used", free)
		}
		t.used[free] = true
	}
	return nil
}
