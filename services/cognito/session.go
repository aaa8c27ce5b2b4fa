package cognito

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"sync"
	"time"

	"bailey/services/wire"
)

// A session is where a sign-in stands between a challenge and its answer. The
// client carries it, sealed: as Session, or as SRP's SECRET_BLOCK.
type session struct {
	ID        string
	Challenge string
	Pool      string
	Client    string
	User      string // its name
	Salt      []byte // of the password that was there: another one ends the session
	Expires   time.Time

	// SRP's.
	Name         string   `json:",omitempty"` // that the client used
	Unknown      bool     `json:",omitempty"` // nobody has that name, and the client may not know
	A, B, Secret *big.Int `json:",omitempty"`
}

// A sealer seals sessions under a key that ends with the process, so that what
// was used is known for as long as it could be used again.
type sealer struct {
	aead cipher.AEAD

	mu    sync.Mutex
	spent map[string]time.Time // session ID -> when it expires
}

func newSealer() (*sealer, error) {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead: aead, spent: map[string]time.Time{}}, err
}

func (s *sealer) seal(v session) string {
	v.ID = wire.NewRequestID()
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers are always JSON
	}
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, text, nil))
}

// open reads a session that was sealed for this client and challenge.
func (s *sealer) open(text, challenge, client string, now time.Time) (v session, err error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return session{}, badSession()
	}
	plain, err := s.aead.Open(nil, nil, raw, nil)
	if err == nil {
		err = json.Unmarshal(plain, &v)
	}
	s.mu.Lock()
	_, spent := s.spent[v.ID]
	s.mu.Unlock()
	switch {
	case err != nil, v.Challenge != challenge, v.Client != client:
		return session{}, badSession()
	case now.After(v.Expires):
		return session{}, notAuthorized("Invalid session for the user, session is expired.")
	case spent:
		return session{}, notAuthorized("Invalid session for the user, session can only be used once.")
	}
	return v, nil
}

// spend makes a session unusable; false if somebody was faster.
func (s *sealer) spend(v session, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, expires := range s.spent {
		if now.After(expires) {
			delete(s.spent, id)
		}
	}
	_, spent := s.spent[v.ID]
	s.spent[v.ID] = v.Expires
	return !spent
}
