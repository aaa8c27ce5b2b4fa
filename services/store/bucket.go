package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"
)

// A Bucket is a sorted map from keys to values of one type, which are stored
// as JSON.
type Bucket[T any] struct {
	store *Store
	name  []byte
}

// In gives the store's bucket of that name, which it makes if need be.
func In[T any](s *Store, name string) (*Bucket[T], error) {
	b := &Bucket[T]{s, []byte(name)}
	err := s.db.View(func(tx *bolt.Tx) error {
		if tx.Bucket(b.name) == nil {
			return errAbsent
		}
		return nil
	})
	if errors.Is(err, errAbsent) {
		err = s.db.Update(func(tx *bolt.Tx) error {
			if _, err := tx.CreateBucket(b.name); err != nil {
				return err
			}
			return tx.Bucket(sumsBucket).Put(b.name, sum{}.encode(b.name))
		})
	}
	if err != nil {
		return nil, diskFull(fmt.Errorf("bucket %s of %s: %w", name, s.path, err))
	}
	return b, nil
}

var errAbsent = errors.New("absent")

// Get reads one value, and says whether it is there.
func (b *Bucket[T]) Get(key string) (v T, ok bool, err error) {
	err = b.View(func(tx Tx[T]) error {
		v, ok, err = tx.Get(key)
		return err
	})
	return v, ok, err
}

// Put writes one value. When it returns nil, the value is on the disk.
func (b *Bucket[T]) Put(key string, v T) error {
	return b.Update(func(tx Tx[T]) error { return tx.Put(key, v) })
}

// View reads several values as of one moment.
func (b *Bucket[T]) View(f func(Tx[T]) error) error {
	return b.store.db.View(func(tx *bolt.Tx) error {
		return f(Tx[T]{of: b, b: tx.Bucket(b.name)})
	})
}

// Update reads and writes in one transaction: all of it is on the disk when
// Update returns nil, and nothing of it otherwise. Updates run one at a time.
func (b *Bucket[T]) Update(f func(Tx[T]) error) error {
	err := b.store.db.Update(func(tx *bolt.Tx) error {
		var change sum
		if err := f(Tx[T]{b, tx.Bucket(b.name), &change}); err != nil {
			return err
		}
		return keepSum(tx, b.name, change)
	})
	return diskFull(err)
}

// A Tx is a bucket within a transaction.
type Tx[T any] struct {
	of     *Bucket[T]
	b      *bolt.Bucket
	change *sum // of the bucket; nil in a View
}

// Get reads one value, and says whether it is there.
func (tx Tx[T]) Get(key string) (v T, ok bool, err error) {
	raw := tx.b.Get([]byte(key))
	if raw == nil {
		return v, false, nil
	}
	v, err = tx.of.decode(key, raw)
	return v, err == nil, err
}

// Put writes one value.
func (tx Tx[T]) Put(key string, v T) error {
	text, err := json.Marshal(v)
	if err == nil {
		err = tx.replace([]byte(key), seal(text))
	}
	if err != nil {
		return fmt.Errorf("store %s/%s: %w", tx.of.name, key, err)
	}
	return nil
}

func (tx Tx[T]) replace(key, raw []byte) error {
	before := bytes.Clone(tx.b.Get(key))
	if err := tx.b.Put(key, raw); err != nil {
		return err
	}
	tx.change.take(key, before)
	tx.change.add(key, raw)
	return nil
}

// Delete removes one value; one that is not there is no failure.
func (tx Tx[T]) Delete(key string) error {
	before := bytes.Clone(tx.b.Get([]byte(key)))
	if err := tx.b.Delete([]byte(key)); err != nil {
		return err
	}
	tx.change.take([]byte(key), before)
	return nil
}

// Each calls f for the keys that begin with prefix and come after the key
// after, in their order, until f returns false.
func (tx Tx[T]) Each(prefix, after string, f func(key string, v T) bool) error {
	from := max(prefix, after)
	c := tx.b.Cursor()
	for k, raw := c.Seek([]byte(from)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, raw = c.Next() {
		if after != "" && string(k) == after {
			continue
		}
		v, err := tx.of.decode(string(k), raw)
		if err != nil {
			return err
		}
		if !f(string(k), v) {
			return nil
		}
	}
	return nil
}

func (b *Bucket[T]) decode(key string, raw []byte) (v T, err error) {
	text, err := unseal(raw)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		return v, fmt.Errorf("read %s/%s of %s: %w", b.name, key, b.store.path, err)
	}
	return v, nil
}

// Each value carries a checksum too, which every reading checks.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func seal(text []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(text)), crc32.Checksum(text, castagnoli)), text...)
}

func unseal(raw []byte) ([]byte, error) {
	if len(raw) < 4 {
		return nil, fmt.Errorf("%d bytes are no value", len(raw))
	}
	if binary.BigEndian.Uint32(raw) != crc32.Checksum(raw[4:], castagnoli) {
		return nil, errors.New("its checksum is wrong")
	}
	return raw[4:], nil
}
