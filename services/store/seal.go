package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
)

// A Sealer encrypts values with AES-256-GCM under a key that lies in the same
// file: this keeps values out of backups' greps and of core dumps, not from who
// has the whole file.
type Sealer struct{ aead cipher.AEAD }

// NewSealer takes the key from the store's bucket of that name, or makes it.
func NewSealer(s *Store, bucket string) (Sealer, error) {
	keys, err := In[[]byte](s, bucket)
	if err != nil {
		return Sealer{}, err
	}
	var key []byte
	err = keys.Update(func(tx Tx[[]byte]) error {
		var ok bool
		var err error
		if key, ok, err = tx.Get("aes-256-gcm"); ok || err != nil {
			return err
		}
		key = make([]byte, 32)
		rand.Read(key)
		return tx.Put("aes-256-gcm", key)
	})
	if err != nil {
		return Sealer{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Sealer{}, fmt.Errorf("the key in %s of %s: %w", bucket, s.path, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Sealer{aead}, err
}

// Seal encrypts a value, bound to the name that it is for.
func (s Sealer) Seal(name string, value []byte) []byte {
	return s.aead.Seal(nil, nil, value, []byte(name))
}

// Open gives back what was sealed under that name.
func (s Sealer) Open(name string, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("decrypt %s: %w", name, err)
	}
	return plain, nil
}
