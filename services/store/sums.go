package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"hash/fnv"
	"io"
	"os"

	bolt "go.etcd.io/bbolt"
)

// bbolt's pages carry no checksum: one flipped bit in them can rename a key,
// hide half a page of entries or a whole bucket, and reading on says nothing.
// So the bucket sums has a sum for each of the others, which the transaction
// that changes a bucket changes with it, and Open adds everything up again.
var sumsBucket = []byte("sums")

// A sum is how many entries a bucket has, and what their hashes add up to,
// whatever their order.
type sum struct{ Entries, Hash uint64 }

var polynomial = crc64.MakeTable(crc64.ECMA)

func hashOf(key, raw []byte) uint64 {
	h := crc64.Update(0, polynomial, binary.BigEndian.AppendUint64(nil, uint64(len(key))))
	return crc64.Update(crc64.Update(h, polynomial, key), polynomial, raw)
}

// add counts an entry in; take counts one out, nil being none.
func (s *sum) add(key, raw []byte) {
	s.Entries++
	s.Hash += hashOf(key, raw)
}

func (s *sum) take(key, raw []byte) {
	if raw != nil {
		s.Entries--
		s.Hash -= hashOf(key, raw)
	}
}

func (s sum) encode() []byte {
	return seal(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, s.Entries), s.Hash))
}

func decodeSum(raw []byte) (sum, error) {
	text, err := unseal(raw)
	if err == nil && len(text) != 16 {
		err = fmt.Errorf("%d bytes are no sum", len(text))
	}
	if err != nil {
		return sum{}, err
	}
	return sum{binary.BigEndian.Uint64(text), binary.BigEndian.Uint64(text[8:])}, nil
}

// keepSum writes down what a transaction changed of a bucket.
func keepSum(tx *bolt.Tx, name []byte, change sum) error {
	if change == (sum{}) {
		return nil
	}
	sums := tx.Bucket(sumsBucket)
	have, err := decodeSum(sums.Get(name))
	if err != nil {
		return fmt.Errorf("sum of bucket %s: %w", name, err)
	}
	return sums.Put(name, sum{have.Entries + change.Entries, have.Hash + change.Hash}.encode())
}

// readThrough reads all of the store and says what of it is not as written.
func readThrough(tx *bolt.Tx) error {
	sums := tx.Bucket(sumsBucket)
	if sums == nil {
		return fmt.Errorf("%w: the list of its buckets is gone", ErrDamaged)
	}
	err := tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		if bytes.Equal(name, sumsBucket) {
			return nil
		}
		return readBucket(name, b, sums.Get(name))
	})
	if err != nil {
		return err
	}
	return sums.ForEach(func(name, _ []byte) error {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: the bucket %s is gone", ErrDamaged, name)
		}
		return nil
	})
}

// readBucket checks every value of a bucket, that each is found under its key,
// and that none is missing.
func readBucket(name []byte, b *bolt.Bucket, wrote []byte) error {
	want, err := decodeSum(wrote)
	if err != nil {
		return fmt.Errorf("%w: %s: its sum: %v", ErrDamaged, name, err)
	}
	var have sum
	err = b.ForEach(func(k, v []byte) error {
		if _, err := unseal(v); err != nil {
			return fmt.Errorf("%w: %s/%s: %v", ErrDamaged, name, k, err)
		}
		if !bytes.Equal(b.Get(k), v) {
			return fmt.Errorf("%w: %s/%q is not where it belongs", ErrDamaged, name, k)
		}
		have.add(k, v)
		return nil
	})
	if err == nil && have != want {
		err = fmt.Errorf("%w: %s has %d entries that are not the %d written", ErrDamaged, name, have.Entries, want.Entries)
	}
	return err
}

// checkMeta checks both of the pages that say where the last transaction is and
// the one before. Where one is damaged, bbolt goes on with the other, and what
// was written last would be gone without a word. A power cut does not tear one:
// what counts of it lies within one sector of a disk.
func checkMeta(file io.ReaderAt, pageSize int) error {
	const header, size = 16, 56 // of a page; of what its checksum covers
	for i := range 2 {
		page := make([]byte, size+8)
		if _, err := file.ReadAt(page, int64(i*pageSize+header)); err != nil {
			return fmt.Errorf("%w: page %d: %v", ErrDamaged, i, err)
		}
		h := fnv.New64a()
		h.Write(page[:size])
		if h.Sum64() != binary.NativeEndian.Uint64(page[size:]) {
			return fmt.Errorf("%w: the checksum of page %d is wrong", ErrDamaged, i)
		}
	}
	return nil
}

// verify is all that Open checks of a database that bbolt could open.
func verify(db *bolt.DB, file *os.File) error {
	if err := checkMeta(file, db.Info().PageSize); err != nil {
		return err
	}
	return db.View(readThrough)
}
