package cognito

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"

	"bailey/services/store"
)

// A keyring has the pools' signing keys. A pool's are made when they are first
// asked for: a key takes a good part of a second.
type keyring struct {
	bucket *store.Bucket[keySet]

	mu     sync.Mutex
	loaded map[string]*signingKeys
}

// A keySet is what is stored: PKCS #8. ID tokens and access tokens have a key
// each, as on AWS; Old are those that were rotated out and not yet withdrawn.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
type keySet struct {
	ID, Access []byte
	Old        [][]byte `json:",omitempty"`
}

// signingKeys are a keySet, parsed.
type signingKeys struct {
	id, access signingKey
	old        []signingKey
}

type signingKey struct {
	kid     string
	private *rsa.PrivateKey
}

func newKeyring(s *store.Store) (*keyring, error) {
	b, err := store.In[keySet](s, "cognito/keys")
	return &keyring{bucket: b, loaded: map[string]*signingKeys{}}, err
}

// of gives the keys of a pool, and makes them if need be.
func (k *keyring) of(pool string) (*signingKeys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if keys, ok := k.loaded[pool]; ok {
		return keys, nil
	}
	set, ok, err := k.bucket.Get(pool)
	if err == nil && !ok {
		if set, err = newKeySet(nil); err == nil {
			err = k.bucket.Put(pool, set)
		}
	}
	if err != nil {
		return nil, err
	}
	return k.load(pool, set)
}

func (k *keyring) load(pool string, set keySet) (*signingKeys, error) {
	keys, err := set.parse()
	if err != nil {
		return nil, fmt.Errorf("signing keys of user pool %s: %w", pool, err)
	}
	k.loaded[pool] = keys
	return keys, nil
}

// rotate makes new keys; what the present ones signed is still valid.
func (k *keyring) rotate(pool string) error {
	return k.change(pool, func(set keySet) (keySet, error) {
		old := set.Old
		for _, key := range [][]byte{set.ID, set.Access} {
			if key != nil {
				old = append(old, key)
			}
		}
		return newKeySet(old)
	})
}

// withdraw forgets all keys but the present ones.
func (k *keyring) withdraw(pool string) error {
	return k.change(pool, func(set keySet) (keySet, error) {
		if set.ID == nil {
			return newKeySet(nil)
		}
		set.Old = nil
		return set, nil
	})
}

func (k *keyring) change(pool string, f func(keySet) (keySet, error)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	set, _, err := k.bucket.Get(pool)
	if err == nil {
		set, err = f(set)
	}
	if err == nil {
		err = k.bucket.Put(pool, set)
	}
	if err == nil {
		_, err = k.load(pool, set)
	}
	return err
}

func (k *keyring) forget(pool string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.loaded, pool)
	return k.bucket.Update(func(tx store.Tx[keySet]) error { return tx.Delete(pool) })
}

func newKeySet(old [][]byte) (set keySet, err error) {
	set.Old = old
	for _, into := range []*[]byte{&set.ID, &set.Access} {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return set, err
		}
		if *into, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
			return set, err
		}
	}
	return set, nil
}

func (s keySet) parse() (*signingKeys, error) {
	var out signingKeys
	var err error
	if out.id, err = parseKey(s.ID); err != nil {
		return nil, err
	}
	if out.access, err = parseKey(s.Access); err != nil {
		return nil, err
	}
	for _, raw := range s.Old {
		key, err := parseKey(raw)
		if err != nil {
			return nil, err
		}
		out.old = append(out.old, key)
	}
	return &out, nil
}

func parseKey(raw []byte) (signingKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(raw)
	if err != nil {
		return signingKey{}, err
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return signingKey{}, fmt.Errorf("a %T is no RSA key", parsed)
	}
	sum := sha256.Sum256(private.N.Bytes())
	return signingKey{base64.StdEncoding.EncodeToString(sum[:]), private}, nil
}

// published are all keys whose signatures count.
func (s *signingKeys) published() []signingKey {
	return append([]signingKey{s.id, s.access}, s.old...)
}

// jwk is one key of the JWKS.
type jwk struct {
	Alg string `json:"alg"`
	E   string `json:"e"`
	Kid string `json:"kid"`
	Kty string `json:"kty"`
	N   string `json:"n"`
	Use string `json:"use"`
}

func (k signingKey) public() jwk {
	exponent := big.NewInt(int64(k.private.E)).Bytes()
	return jwk{"RS256", base64.RawURLEncoding.EncodeToString(exponent), k.kid, "RSA",
		base64.RawURLEncoding.EncodeToString(k.private.N.Bytes()), "sig"}
}

// sign makes a JWT of claims.
func (k signingKey) sign(claims map[string]any) (string, error) {
	header, err := json.Marshal(struct {
		Kid string `json:"kid"`
		Alg string `json:"alg"`
	}{k.kid, "RS256"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims of a token: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// verify checks a JWT's signature by the key whose kid it names, and gives its
// claims as JSON.
func (s *signingKeys) verify(kid, text string, signature []byte) bool {
	sum := sha256.Sum256([]byte(text))
	for _, k := range s.published() {
		if k.kid == kid {
			return rsa.VerifyPKCS1v15(&k.private.PublicKey, crypto.SHA256, sum[:], signature) == nil
		}
	}
	return false
}

// RotateKeys makes new signing keys for a pool. The JWKS has the old ones too,
// until WithdrawKeys.
func (u *UserPools) RotateKeys(id string) error {
	if _, err := u.pool(id); err != nil {
		return err
	}
	return u.keys.rotate(id)
}

// WithdrawKeys takes the keys that were rotated out from the JWKS: what they
// signed is no longer valid.
func (u *UserPools) WithdrawKeys(id string) error {
	if _, err := u.pool(id); err != nil {
		return err
	}
	return u.keys.withdraw(id)
}

// KIDs are the IDs of a pool's published keys: that of ID tokens, that of
// access tokens, then the old ones.
func (u *UserPools) KIDs(id string) ([]string, error) {
	if _, err := u.pool(id); err != nil {
		return nil, err
	}
	keys, err := u.keys.of(id)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, k := range keys.published() {
		out = append(out, k.kid)
	}
	return out, nil
}
