package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
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

// encode gives what the bucket sums has under the name of another.
func (s sum) encode(name []byte) []byte {
	return seal(append(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, s.Entries), s.Hash), name...))
}

func decodeSum(name, raw []byte) (sum, error) {
	text, err := unseal(raw)
	if err == nil && (len(text) < 16 || !bytes.Equal(text[16:], name)) {
		err = errors.New("it is another bucket's")
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
	have, err := decodeSum(name, sums.Get(name))
	if err != nil {
		return fmt.Errorf("sum of bucket %s: %w", name, err)
	}
	return sums.Put(name, sum{have.Entries + change.Entries, have.Hash + change.Hash}.encode(name))
}

// readThrough reads all of the store and says what of it is not as written.
func readThrough(tx *bolt.Tx) error {
	sums := tx.Bucket(sumsBucket)
	if sums == nil {
		return damaged("the list of its buckets is gone, unless another version of bailey made it")
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
			return damaged("the bucket %s is gone", name)
		}
		return nil
	})
}

// readBucket checks every value of a bucket, that each is found under its key,
// and that none is missing.
func readBucket(name []byte, b *bolt.Bucket, wrote []byte) error {
	want, err := decodeSum(name, wrote)
	if err != nil {
		return damaged("%s: its sum: %v", name, err)
	}
	var have sum
	err = b.ForEach(func(k, v []byte) error {
		if _, err := unseal(v); err != nil {
			return damaged("%s/%s: %v", name, k, err)
		}
		if !bytes.Equal(b.Get(k), v) {
			return damaged("%s/%q is not where it belongs", name, k)
		}
		have.add(k, v)
		return nil
	})
	if err == nil && have != want {
		err = damaged("%s has %d entries that are not the %d written", name, have.Entries, want.Entries)
	}
	return err
}

// verify is all that Open checks of a database that bbolt could open.
func verify(db *bolt.DB, file *os.File) error {
	if err := checkPages(file, db.Info().PageSize); err != nil {
		return err
	}
	return db.View(readThrough)
}
